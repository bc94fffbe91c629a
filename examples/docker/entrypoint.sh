#!/bin/sh
# Starts zerodis in a container. Everybody on the container's network can reach it, so it asks for a secret: the REST token, which
# is the password of RESP, too, unless that has its own.
set -eu

token=${ZERODIS_REST_TOKEN:-${KV_REST_API_TOKEN:-${UPSTASH_REDIS_REST_TOKEN:-${SRH_TOKEN:-}}}}
case " $* " in
  *' --rest-token '* | *' --rest-token='* | *.conf*) ;; # the caller says it himself
  *)
    if [ -z "$token" ] && [ "${SRH_MODE:-}" != file ]; then
      echo 'zerodis: no token. Set KV_REST_API_TOKEN (or SRH_TOKEN), for example to the output of: openssl rand -base64 32' >&2
      exit 1
    fi
    ;;
esac
if [ -n "$token" ] && [ -z "${ZERODIS_REQUIREPASS:-}" ]; then
  export ZERODIS_REQUIREPASS="$token"
fi
if [ -z "${ZERODIS_BIND:-}" ] && [ "${SRH_IPV6:-}" = true ]; then
  export ZERODIS_BIND='* ::*'
fi
export ZERODIS_BIND="${ZERODIS_BIND:-*}"
export ZERODIS_DIR="${ZERODIS_DIR:-/data}"
export ZERODIS_SAVE="${ZERODIS_SAVE-60 1}"
# In place of the shell, so that signals reach it.
exec "${ZERODIS_NODE:-node}" "${ZERODIS_HOME:-/opt/zerodis}/node_modules/zerodis/cli.js" "$@"
