# Runs a PostgreSQL server for as long as standard input stays open: the test
# process holds the other end, and however it dies, the system closes that.
# Arguments: the folder of the programs, the port. First line of input: the
# password. Output: "ready", or what went wrong.

# Who reads our output may have died as well.
trap '' INT TERM HUP PIPE
programs=$1
port=$2
read -r password || exit 1

folder=$(mktemp -d "${TMPDIR:-/tmp}/doorward-postgres-XXXXXX" 2>&1) || {
    echo "$folder"
    exit 1
}
cd "$folder" || exit 1

start() {
    echo "$password" >password &&
        "$programs/initdb" --pgdata=data --username=postgres --pwfile=password \
            --auth-local=trust --auth-host=password \
            --encoding=UTF8 --locale=C --no-sync &&
        rm password &&
        "$programs/pg_ctl" start --pgdata=data --wait --timeout=60 --log=server.log \
            --options="-p $port -c listen_addresses=127.0.0.1 -k '$folder' \
                -c max_connections=400 -c fsync=off -c full_page_writes=off"
}

if start >start.log 2>&1 </dev/null; then
    echo ready
    exec >/dev/null
    # Nothing more is written to us: this ends when the test process does.
    while read -r _; do :; done
    "$programs/pg_ctl" stop --pgdata=data --mode=immediate --wait
else
    tail -n 8 start.log
    test ! -f server.log || tail -n 8 server.log
fi

cd /
rm -rf "$folder"
