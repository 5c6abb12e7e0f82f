# Every shape of request, by one program: PROGRAM BASE ADDRESS FOLDER; prints "ok SHAPE".
# ADDRESS is the base by number, for programs that cannot be told where a name is.
program=$1 base=$2 address=$3 folder=$4
host="Host: www.example.org"
cd "$folder" || exit 1
page=$(awk 'BEGIN { for (n = 0; n < 256; n++) printf "seawall " }')
cookie="session=$(printf '%7000s' '' | tr ' ' c)"
slice=$(printf '%s' "$page" | cut -c101-200)
printf 'a=1&b=two+words' > form
printf '{"name":"value"}' > json
printf 'file of ours, %s' "$page" > file
printf -- '--ours\r\nContent-Disposition: form-data; name="file"\r\n\r\n%s\r\n--ours--\r\n' "$page" > multipart

is() { # SHAPE TOLD EXPECTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "WRONG $1 $(printf '%s' "$2" | head -c 300)"; fi
}
has() { # SHAPE TOLD EXPECTED
    case "$2" in *"$3"*) echo "ok $1" ;; *) echo "WRONG $1 $(printf '%s' "$2" | tail -c 600)" ;; esac
}

with_curl() { # OPTIONS
    port=${base##*:}
    ask="curl --silent --show-error --max-time 10 --cacert $folder/authority.pem --resolve www.example.org:$port:127.0.0.1 $*"
    is get "$($ask "$base/page")" "$page"
    has head "$($ask --head "$base/page" | tr -d '\r')" "ontent-length: 2048"
    is range "$($ask --range 100-199 "$base/page")" "$slice"
    is conditional "$($ask --header 'If-None-Match: "seawall"' --write-out '%{http_code}' "$base/page")" 304
    # By `--cookie` this curl sends 4 KiB at most.
    is cookies "$($ask --header "Cookie: $cookie" "$base/cookie")" ${#cookie}
    is form "$($ask --data a=1 --data-urlencode 'b=two words' "$base/echo")" "$(cat form)"
    is json "$($ask --header 'Content-Type: application/json' --data @json "$base/echo")" "$(cat json)"
    has multipart "$($ask --form file=@file "$base/echo")" "file of ours, $page"
    is chunked "$($ask --header 'Transfer-Encoding: chunked' --upload-file - "$base/echo" < file)" "$(cat file)"
    # This curl cannot ask twice on one connection by prior knowledge.
    case "$*" in *prior*) return ;; esac
    is keepalive "$($ask --output /dev/null --output /dev/null --write-out '%{http_code} ' "$base/page" "$base/page")" "200 200 "
}

with_wget() {
    ask="wget --quiet --tries 1 --timeout 10 --no-check-certificate --output-document -"
    is get "$($ask --header "$host" "$address/page")" "$page"
    has head "$($ask --server-response --spider --header "$host" "$address/page" 2>&1)" "200 OK"
    is range "$($ask --header "$host" --start-pos 100 "$address/page")" "$(printf '%s' "$page" | cut -c101-)"
    has conditional "$($ask --server-response --header "$host" --header 'If-None-Match: "seawall"' "$address/page" 2>&1)" "304 Not Modified"
    is cookies "$($ask --header "$host" --header "Cookie: $cookie" "$address/cookie")" ${#cookie}
    is form "$($ask --header "$host" --post-file form "$address/echo")" "$(cat form)"
    is json "$($ask --header "$host" --header 'Content-Type: application/json' --post-file json "$address/echo")" "$(cat json)"
    has multipart "$($ask --header "$host" --header 'Content-Type: multipart/form-data; boundary=ours' --post-file multipart "$address/echo")" "$page"
    is keepalive "$($ask --header "$host" "$address/page" "$address/page")" "$page$page"
}

with_ab() {
    ask="ab -q -n 20 -c 2 -s 10"
    good() { # SHAPE TOLD
        has "$1" "$(printf '%s' "$2" | tr -s ' ' | tr '\n' ' ')" "Complete requests: 20 Failed requests: 0"
        case "$2" in *Non-2xx*) echo "WRONG $1 not all were 2xx" ;; esac
    }
    good get "$($ask -H "$host" "$address/page" 2>&1)"
    good keepalive "$($ask -k -H "$host" "$address/page" 2>&1)"
    good head "$($ask -i -H "$host" "$address/page" 2>&1)"
    good range "$($ask -H "$host" -H 'Range: bytes=100-199' "$address/page" 2>&1)"
    good cookies "$($ask -H "$host" -C "$cookie" "$address/cookie" 2>&1)"
    good form "$($ask -H "$host" -p form -T application/x-www-form-urlencoded "$address/echo" 2>&1)"
    good json "$($ask -H "$host" -p json -T application/json "$address/echo" 2>&1)"
    good multipart "$($ask -H "$host" -p multipart -T 'multipart/form-data; boundary=ours' "$address/echo" 2>&1)"
}

with_siege() {
    export HOME="$folder"
    mkdir -p .siege && printf 'limit = 10\nparser = false\ntimeout = 10\nprotocol = HTTP/1.1\n' > .siege/siege.conf
    ask="siege --rc=.siege/siege.conf -b -c 2 -r 5"
    good() { has "$1" "$(printf '%s' "$2" | tr -d ' \t\n')" 'Transactions:10hitsAvailability:100.00%'; }
    good get "$($ask -H "$host" "$address/page" 2>&1)"
    good keepalive "$($ask -H "$host" -H 'Connection: keep-alive' "$address/page" 2>&1)"
    good range "$($ask -H "$host" -H 'Range: bytes=100-199' "$address/page" 2>&1)"
    good form "$($ask -H "$host" "$address/echo POST $(cat form)" 2>&1)"
    good json "$($ask -H "$host" -T application/json "$address/echo POST $(cat json)" 2>&1)"
}

with_nghttp() {
    ask="nghttp --no-verify-peer --timeout=10 -H :authority:www.example.org"
    is get "$($ask "$address/page")" "$page"
    has head "$($ask --verbose -H :method:HEAD "$address/page")" "content-length: 2048"
    is range "$($ask -H 'range: bytes=100-199' "$address/page")" "$slice"
    has conditional "$($ask --verbose -H 'if-none-match: "seawall"' "$address/page")" ":status: 304"
    is cookies "$($ask -H "cookie: $cookie" "$address/cookie")" ${#cookie}
    is form "$($ask -H 'content-type: application/x-www-form-urlencoded' --data=form "$address/echo")" "$(cat form)"
    is json "$($ask -H 'content-type: application/json' --data=json "$address/echo")" "$(cat json)"
    has multipart "$($ask -H 'content-type: multipart/form-data; boundary=ours' --data=multipart "$address/echo")" "$page"
    is chunked "$($ask --no-content-length --data=file "$address/echo")" "$(cat file)"
    is keepalive "$($ask "$address/page" "$address/page?2")" "$page$page"
}

with_h2load() { # OPTIONS
    ask="h2load -n 20 -c 2 -m 4 --connect-to=${address##*/} $*"
    good() { has "$1" "$2" "20 succeeded, 0 failed, 0 errored, 0 timeout"; }
    good get "$($ask "$base/page")"
    good keepalive "$($ask -n 20 -c 1 "$base/page")"
    good head "$($ask -H ':method: HEAD' "$base/page")"
    good range "$($ask -H 'range: bytes=100-199' "$base/page")"
    good conditional "$($ask -H 'if-none-match: "seawall"' "$base/page")"
    good cookies "$($ask -H "cookie: $cookie" "$base/cookie")"
    good form "$($ask -H 'content-type: application/x-www-form-urlencoded' -d form "$base/echo")"
    good json "$($ask -H 'content-type: application/json' -d json "$base/echo")"
    good multipart "$($ask -H 'content-type: multipart/form-data; boundary=ours' -d multipart "$base/echo")"
}

case $program in
curl) with_curl --http1.1 ;;
curl2) case $base in https*) with_curl --http2 ;; *) with_curl --http2-prior-knowledge ;; esac ;;
h2load) with_h2load ;;
*) "with_$program" ;;
esac
