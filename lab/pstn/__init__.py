"""The public network of the lab: the far ends of the trunks, the selective router, ALI, a PSAP."""
