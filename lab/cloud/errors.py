"""What stops the local cloud, told so that the template or the machine can be put right."""


class LabCloudError(Exception):
    """The local cloud cannot start or cannot do what it was asked."""


class UnsupportedTemplate(LabCloudError):
    """The template asks for something the local cloud would not do as AWS does it."""


class Unresolved(LabCloudError):
    """A reference in the template names nothing that exists."""


class AccessDenied(LabCloudError):
    """A signature, a session or a policy does not let this request pass (answered with 403)."""
