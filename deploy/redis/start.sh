#!/bin/sh
# Starts Redis with the password from a file, so that it is in no argument list and no image.
set -eu
umask 077
{
  cat /etc/redis/redis.conf
  printf 'requirepass %s\n' "$(cat /run/secrets/redis_password)"
} >/tmp/redis.conf
exec redis-server /tmp/redis.conf
