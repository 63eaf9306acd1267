#!/bin/sh
# Makes each secret once and lays it where its readers, and nobody else, find it.
#
# /secrets/own keeps them (a volume that only this script mounts); /given may hold files of the same
# names that replace what would be made up; /secrets/<reader> is mounted as /run/secrets there.
set -eu
umask 022

secret() { # NAME: prints it, after making it where it is missing
  if [ -s "/given/$1" ]; then
    cp "/given/$1" "/secrets/own/$1"
  elif [ ! -s "/secrets/own/$1" ]; then
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"/secrets/own/$1"
  fi
  cat "/secrets/own/$1"
}

give() { # READER FILE TEXT: each reader runs as a user of its own, so the file is readable to all in there
  printf '%s' "$3" >"/secrets/$1/.$2"
  mv "/secrets/$1/.$2" "/secrets/$1/$2"
}

redis_password=$(secret redis_password)
for reader in redis predictor worker monitor; do
  give "$reader" redis_password "$redis_password"
done
give redis-exporter redis_passwords.json "{\"redis://redis:6379\": \"$redis_password\"}"
alerts_token=$(secret alerts_token)
for reader in alertmanager monitor; do
  give "$reader" alerts_token "$alerts_token"
done
# Keys are never made up: nobody would know them. Without the file there are none.
for reader in predictor monitor; do
  if [ -f /given/api_keys ]; then
    give "$reader" api_keys "$(cat /given/api_keys)
"
  else
    rm -f "/secrets/$reader/api_keys"
  fi
done
give grafana grafana_admin_password "$(secret grafana_admin_password)"
# Only with the layer that mounts its place (deploy/compose/postgres.yaml).
if [ -d /secrets/postgres ]; then
  postgres_password=$(secret postgres_password)
  for reader in postgres monitor; do
    give "$reader" postgres_password "$postgres_password"
  done
fi
# A bucket's credentials cannot be made up (deploy/compose/s3.yaml).
if [ -s /given/store_credentials ]; then
  for reader in predictor worker monitor; do
    give "$reader" store_credentials "$(cat /given/store_credentials)"
  done
fi
