import pytest
from kombu import Connection
from redis.exceptions import ConnectionError as ConnectionLost

from project.jobs.transport import Channel, Transport


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://localhost", "redis+socket:///tmp/x.sock"])
def test_every_url_of_a_redis_leads_to_it(url):
    assert Connection(url).get_transport_cls() is Transport


def test_a_channel_whose_connection_is_gone_says_so_in_an_error_that_is_recoverable(broker):
    with Connection(f"redis+socket://{broker}") as connection:
        channel = connection.channel()
        assert isinstance(channel, Channel)
        assert channel._connparams()["db"] == 0
        alive, channel.connection = channel.connection, None
        with pytest.raises(ConnectionLost) as lost:
            channel._connparams()
        channel.connection = alive
        assert isinstance(lost.value, connection.recoverable_connection_errors)
