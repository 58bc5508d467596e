"""litellm loads itself piece by piece at its first call: that is done before any test with a short
timeout.
"""

import pytest

from earmark.models.hosted import LiteLLM
from earmark.testing.models import request_of
from tests.models.server import ChatServer


@pytest.fixture(scope="session")
def warm() -> None:
    with ChatServer() as server:
        assert (
            LiteLLM(name="warm", model="openai/warm", api_base=server.api_base)
            .complete(request_of())
            .text
            == "hello"
        )
