"""Bodies of requests as bytes, bounded in size, whether they come with a length or in chunks."""

import falcon

LONGEST = 112 * 1024  # bytes of a body, as OpenStack's services have it by default (oslo.middleware)


class Size:
    """Refuse a body whose announced length is too large, before any of it is read, and before the caller is known."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        if (req.content_length or 0) > LONGEST:
            raise too_long()


def too_long() -> falcon.HTTPError:
    return falcon.HTTPContentTooLarge(description=f"The body is longer than {LONGEST} bytes.")


def too_slow() -> falcon.HTTPError:
    return falcon.HTTPError(falcon.HTTP_408, description="The body did not arrive in time.")


def malformed() -> falcon.HTTPError:
    return falcon.HTTPBadRequest(description="The chunks of the body are malformed.")


def read(req: falcon.Request) -> bytes:
    """The whole body. Raises falcon.HTTPError: 413 where it is too long; what the server raises as it reads."""
    chunked = req.get_header("Transfer-Encoding") is not None
    content: bytes = (req.stream if chunked else req.bounded_stream).read(LONGEST + 1)
    if len(content) > LONGEST:
        raise too_long()
    return content
