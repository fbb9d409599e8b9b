#!/usr/bin/perl

# Proves that the body filter treats buffers as nginx's own filters do: every
# shape of chain, every place of the end, files, flushes, and clients that
# read slowly.  What is compared is the exact body, so that a byte lost,
# repeated or taken from a buffer that somebody else has written to since is
# found.  Chains that nginx itself seldom makes come from a filter of the
# test's own, t/nginx/ngx_http_chain_filter_module.c.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Client qw(same);

use Digest::MD5;

my $t = ProfileTest->new(log => 'info');
my $chain = $t->compile('ngx_http_chain_filter_module');


# A text whose bytes tell their place

my $text = join ',', 1 .. 20000;

sub text {
    my ($length, $seed) = @_;

    return substr $text, $seed * 7 % 10000, $length;
}


# A user as v1 and as v2

sub user {
    my ($n, $length) = @_;

    my $text = text($length, $n);

    return (qq({"user_id":"auth0|$n","plan":"$text","email":"u$n\@x.org"}),
            qq({"user_id":"auth0|$n","email":"u$n\@x.org",)
            . qq("app_metadata":{"plan":"$text"},"user_metadata":{}}));
}


sub users {
    my ($count, $length) = @_;

    my @users = map { [ user($_, $length) ] } 1 .. $count;

    return map { my $v = $_; '[' . join(",\n", map { $_->[$v] } @users) . ']' }
           0, 1;
}


# A body of exactly that many bytes; users where they fit

sub sized {
    my ($size) = @_;

    my $least = length((user(1, 0))[0]);

    return ('1', '1') if $size == 1;
    return user(1, $size - $least) if $size >= $least;
    return ('"' . text($size - 2, 1) . '"') x 2;
}


my %v1 = (empty => '[]');
my %v2 = (empty => '[]');

($v1{one}, $v2{one}) = user(1, 50);
($v1{list}, $v2{list}) = users(300, 300);
($v1{large}, $v2{large}) = users(40, 30000);
($v1{big}, $v2{big}) = users(6000, 300);

my %table = (
    '/size' => sub {
        my ($conn, $req) = @_;
        my ($size) = $req->{uri} =~ /n=(\d+)/;

        my $gzip = $req->{uri} =~ /gzip/;

        return { body => (sized($size))[0], gzip => $gzip };
    },
    '/gate' => { framing => 'chunked',
                 body => [ '[' . (user(1, 50))[0], \'first',
                           ',' . (user(2, 50))[0], \'second',
                           ',' . (user(3, 50))[0] . ']' ] },
    '/part' => { framing => 'chunked',
                 body => [ substr($v1{one}, 0, 20), \'part',
                           substr($v1{one}, 20) ] },
    '/few' => { framing => 'chunked',
                body => [ '[' . (user(1, 500))[0] . ' ' x 600, \'few', ']' ] },
    '/held' => { framing => 'chunked',
                 body => [ substr($v1{one}, 0, 20), \'held',
                           substr($v1{one}, 20) ] },
);

for my $name (keys %v1) {
    $table{"/$name"} = { body => $v1{$name} };
    $table{"/chunked/$name"} = { body => $v1{$name}, framing => 'chunked',
                                 chunk => [ 1, 2, 3, 1000 ] };
    $table{"/gzip/$name"} = { body => $v1{$name}, gzip => 1 };

    $t->write_file("html/$name.json", $v1{$name});
}

my $backend = $t->backend(\%table);


# Shapes of chains: the name, the size of a piece, what else

my @shapes = (
    [ 'one link', 1048576, '' ],
    [ 'an empty last link behind the data', 1048576, 'last' ],
    [ 'an empty last link behind many', 100, 'last' ],
    [ 'flush and last_buf on one link', 1048576, 'flush' ],
    [ 'flush and last_buf on one link behind many', 100, 'flush' ],
    [ 'a link behind last_buf', 100, 'tail' ],
    [ 'a link behind an empty last one', 100, 'last tail' ],
    [ 'a call for each link', 100, 'calls' ],
    [ 'a call for the empty last link', 100, 'calls last' ],
    [ 'a call behind the end', 100, 'calls last tail' ],
    [ 'a call for each link, each a flush', 100, 'calls flush' ],
    [ 'empty links between', 100, 'empty' ],
    [ 'a call for each link, empty ones too', 100, 'calls empty flush last' ],
    [ 'one byte a link', 1, '' ],
    [ 'one byte a link, a call for each', 1, 'calls' ],
    [ 'one byte a link, all shapes', 1, 'calls empty flush last tail' ],
);

my $shapes = '';

for my $i (0 .. $#shapes) {
    my (undef, $size, $shape) = @{ $shapes[$i] };

    $shape = "chain_shape $shape;" if $shape ne '';

    $shapes .= <<"END";
        location /shape/$i/ {
            chain_size $size;
            $shape

            location /shape/$i/file/ {
                alias %%DIR%%/html/;
            }

            location /shape/$i/stream/ {
                alias %%DIR%%/html/;
                profile_buffer_size 0;
            }

            location /shape/$i/proxy/ {
                proxy_pass http://%%BACKEND%%/;
            }

            location /shape/$i/unbuffered/ {
                proxy_pass http://%%BACKEND%%/;
                proxy_buffering off;
                profile_buffer_size 1k;
            }
        }
END
}

$t->conf(<<"END", main => "load_module $chain;");
    include profile/auth0.conf;

    proxy_cache_path %%DIR%%/cache keys_zone=one:1m;

    profile_rewrite auth0;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffer_size 1k;
    proxy_buffers 8 1k;
    proxy_busy_buffers_size 2k;
    types { application/json json; }
    output_buffers 2 4k;
    keepalive_requests 100000;

    server {
        listen 127.0.0.1:%%PORT%%;

$shapes

        location /plain/ {
            proxy_pass http://%%BACKEND%%/;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 4k;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
        }

        location /at-once/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            profile_buffer_size 0;
        }

        location /pieces/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 0;
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_cache one;
            proxy_cache_valid 1h;
            add_header X-Cache \$upstream_cache_status;
        }

        location /file/ {
            alias %%DIR%%/html/;
        }

        location /sendfile/ {
            alias %%DIR%%/html/;
            sendfile on;
            tcp_nopush on;
        }

        location /threads/ {
            alias %%DIR%%/html/;
            sendfile on;
            aio threads;
        }

        location /directio/ {
            alias %%DIR%%/html/;
            directio 512;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_1%% sndbuf=4k;

        location /file/ {
            alias %%DIR%%/html/;
        }

        location /whole/ {
            alias %%DIR%%/html/;
            output_buffers 1 4m;
        }

        location /rate/ {
            alias %%DIR%%/html/;
            limit_rate 16m;
            limit_rate_after 100k;
        }

        location /postpone/ {
            alias %%DIR%%/html/;
            postpone_output 60000;
        }

        location /chain/ {
            alias %%DIR%%/html/;
            chain_size 3000;
            chain_shape calls flush last;
        }

        location /gzipped/ {
            proxy_pass http://%%BACKEND%%/;
            gzip on;
            gzip_types application/json;
            gzip_min_length 0;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
        }

        location / {
            proxy_pass http://%%BACKEND%%/;
        }
    }
END

$t->start;

my ($r, $c, $log);


# The shapes of chains.  A file arrives with the end on its last buffer, and
# what is proxied with the end in a call of its own.

for my $i (0 .. $#shapes) {
    my ($name) = @{ $shapes[$i] };

    for my $body (qw(empty one list)) {
        same($t->get("/shape/$i/file/$body.json"), $v2{$body},
             "H6 $name, file: $body");
        same($t->get("/shape/$i/stream/$body.json"), $v2{$body},
             "H6 $name, streamed file: $body");
        same($t->get("/shape/$i/proxy/$body"), $v2{$body},
             "H6 $name, proxied: $body");
        same($t->get("/shape/$i/unbuffered/gzip/$body"), $v2{$body},
             "H6 $name, proxied unbuffered gzip: $body");
    }

    is($t->get("/shape/$i/file/one.json")->framing, 'length',
       "H2.1 $name, length");
}

unlike($t->log, qr/chain filter/, 'H6 incoming links are left as they are');


# What comes early is worked off early, and nothing of it is lost.

$c = $t->connect;
$c->send("GET /at-once/gate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
$r = $c->head;

ok($c->read_until($r, qr/auth0\|1.*user_metadata/s),
   'H6 early chunks consumed while the last one is awaited');
unlike($r->body, qr/auth0\|2/, 'H3.1 before the next one came');

$backend->open_gate('first');

ok($c->read_until($r, qr/auth0\|2.*user_metadata/s), 'H3.1 the next one');

$backend->open_gate('second');

same($c->finish($r), '[' . join(',', map { (user($_, 50))[1] } 1 .. 3) . ']',
     'H6 early chunks are not lost');

$c = $t->connect;
$c->send("GET /at-once/part HTTP/1.1\r\nHost: a\r\n\r\n");

is($c->head->status, 200, 'H3.2 a flush flushes the header, if that is all');

$backend->open_gate('part');
$c->close;

# Less than postpone_output, and no flush came with it

$c = $t->connect;
$c->send("GET /pieces/few HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
$r = $c->head;

ok($c->read_until($r, qr/auth0\|1.*user_metadata/s),
   'H3.1 what is complete leaves, however little');

$backend->open_gate('few');

same($c->finish($r), '[' . (user(1, 500))[1] . ' ' x 600 . ']',
     'H3.1 and the rest follows');

$c = $t->connect;
$c->send("GET /plain/held HTTP/1.1\r\nHost: a\r\n\r\n"
         . "GET /plain/one HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
$backend->open_gate('held');

same($c->response, $v2{one}, 'H6 early chunks are not lost while held');
same($c->response, $v2{one}, 'H6 the next request on the connection');


# A buffer that is not marked as read stalls the upstream.

same($t->get('/unbuffered/large'), $v2{large},
     'H6 pos advanced with proxy_buffering off');
same($t->get('/unbuffered/chunked/large'), $v2{large},
     'H6 pos advanced with proxy_buffering off, chunked');
same($t->get('/unbuffered/gzip/large'), $v2{large},
     'H6 pos advanced with proxy_buffering off, gzip');
same($t->get('/plain/large'), $v2{large},
     'H6 pos advanced, large responses do not stall');


# What is still held was copied out of buffers that have been used anew.

same($t->get('/plain/chunked/one'), $v2{one},
     'H6 upstream buffers not kept by pointer after reuse');
same($t->get('/plain/list'), $v2{list},
     'H6 upstream buffers not kept by pointer after reuse, list');


# Files

for my $where (qw(file sendfile threads directio)) {
    for my $body (qw(empty one list large)) {
        same($t->get("/$where/$body.json"), $v2{$body},
             "H6 file buffers read, $where: $body");
    }
}

for my $body (qw(one list large gzip/list)) {
    my $key = $body =~ s{.*/}{}r;

    is($t->get("/cache/$body")->header('X-Cache'), 'MISS',
       "H6 file buffers, cache: $body");

    $r = $t->get("/cache/$body");

    is($r->header('X-Cache'), 'HIT', "H6 file buffers, cache hit: $body");
    same($r, $v2{$key}, "H6 file buffers read, cache hit: $body");
}

$c = $t->connect(port => $t->port(1), rcvbuf => 2048);
$c->send("GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
$r = $c->head;

ok($t->wait_log(qr/buffered to a temporary file/),
   'H6 file buffers, temporary file');
same($c->finish($r), $v2{big}, 'H6 file buffers read, temporary file');


# Clients that read slowly: nginx gets EAGAIN all the time.

for my $uri (qw(/file/big.json /whole/big.json /rate/list.json
                /postpone/big.json /chain/big.json /big /unbuffered/big
                /unbuffered/gzip/big /file/list.json))
{
    my ($body) = $uri =~ m{(\w+)(?:\.json)?\z};

    for my $version (qw(1.1 1.0)) {
        $c = $t->connect(port => $t->port(1), rcvbuf => 2048);
        $c->send("GET $uri HTTP/$version\r\nHost: a\r\n\r\n");

        same($c->response, $v2{$body}, "H3.1 slow client, $version $uri");
        next if $version eq '1.0';

        # Nothing is left over that would keep the request open.

        $c->send("GET /file/one.json HTTP/1.1\r\nHost: a\r\n\r\n");

        same($c->response, $v2{one},
             "H6 r->buffered not left set, next request after $uri");
    }
}

$c = $t->connect(port => $t->port(1), rcvbuf => 2048);
$c->send("GET /gzipped/big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
         . "Accept-Encoding: gzip\r\n\r\n");
$r = $c->response;

ok($r->complete, 'H3.1 slow client, gzip, whole');
ok(($r->text // '') eq $v2{big}, 'H3.1 slow client, gzip');


# Every size, around those of the buffers in particular

my $more = length((user(1, 0))[1]) - length((user(1, 0))[0]);
my %edges = map { $_ => 1 } 1 .. 60;

for my $edge (1024, 2048, 4096, 8192, 16384, 32768, 65536) {
    for my $size ($edge - 3 .. $edge + 3) {
        $edges{$size} = $edges{$size - $more} = 1;
    }
}

# By prime numbers of bytes up to 40000

for ([ 101, '/plain/size?n=' ], [ 197, '/unbuffered/size?gzip&n=' ],
     [ 211, '/stream/size?n=' ], [ 223, '/at-once/size?gzip&n=' ])
{
    my ($step, $uri) = @$_;
    my %sizes = (%edges, map { 1 + $step * $_ => 1 } 0 .. 40000 / $step);
    my @bad;

    $c = $t->connect;

    for my $size (sort { $a <=> $b } keys %sizes) {
        my $expected = (sized($size))[1];

        $c->send("GET $uri$size HTTP/1.1\r\nHost: a\r\n\r\n");
        $r = $c->response;

        push @bad, $size if $r->body ne $expected || !$r->complete
                            || ($uri =~ m{\A/(?:plain|unbuffered)}
                                && length $expected <= 65536
                                && ($r->header('Content-Length') // -1)
                                   != length $expected);
        last if $r->timed_out;
    }

    is("@bad", '', "H6 no last bytes missing at any size, $uri");
    $c->close;
}


# Memory.  A client that does not read holds up the work: were output made
# all the same, the first call would hold all of it.

SKIP: {
    skip 'memory means nothing under a checker', 2 if $t->checker;

    my ($count, $block) = (12000, '');
    my $sum = Digest::MD5->new->add('[');

    # Different users in each block would only cost time here.

    my ($v1, $v2) = user(1, 2000);

    open my $fh, '>', $t->dir . '/html/huge.json' or die "huge.json: $!";
    print $fh '[';

    for my $n (1 .. $count) {
        print $fh $n == 1 ? $v1 : ",$v1";
        $sum->add($n == 1 ? $v2 : ",$v2");
    }

    print $fh ']';
    close $fh or die "huge.json: $!";

    my $expected = $sum->add(']')->hexdigest;

    my $got = Digest::MD5->new;
    my $before = $t->peak_rss;

    $c = $t->connect(port => $t->port(1), rcvbuf => 1 << 18);
    $c->send("GET /file/huge.json HTTP/1.1\r\nHost: a\r\n"
             . "Connection: close\r\n\r\n");
    $r = $c->head(sink => sub { $got->add($_[0]) });
    $c->finish($r);

    is($got->hexdigest, $expected, 'H3.2 24 MB to a slow client');
    cmp_ok($t->peak_rss - $before, '<', 2 * 1024 * 1024,
           'H6 no output made while earlier output is busy');
}

unlike($t->log, qr/zero size buf/, 'H6 no buffer of size zero');

done_testing;
