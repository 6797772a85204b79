"""The world around Elingate on loopback: an AWS, a telephone network, phones and a desk."""
