#!/bin/sh
# Whether Redis answers and has its data loaded.
REDISCLI_AUTH=$(cat /run/secrets/redis_password)
export REDISCLI_AUTH
test "$(redis-cli ping)" = PONG
