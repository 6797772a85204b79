"""CAMA: trunks that are seized by hook and told the number in MF, one circuit at a time, without
I/O."""
