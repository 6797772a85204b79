"""The brain: emergency calls out, callbacks home; knows no SIP, no ISDN, no CAMA."""
