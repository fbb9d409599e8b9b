#!/usr/bin/perl

# Proves that a list streams (H3): users leave before the list is at its end,
# a client that does not read holds up the backend and not the memory, and
# however long a list is, the worker does not grow with it (M6.1).  It fails
# when the filter waits for the end, makes output that nobody reads, or takes
# a little memory for each buffer.

use lib 't/lib';
use ProfileTest;

use IO::Select;

my $t = ProfileTest->new(log => 'info');

sub v1 { return qq({"_id":"$_[0]","user_id":"a|$_[0]","plan":"$_[1]"}) }

sub v2 { return qq({"user_id":"a|$_[0]","app_metadata":{"plan":"$_[1]"},)
                . '"user_metadata":{}}' }

# A list whose first part is sent before the gate; the part has enough users
# for what nginx and we hold back by right.

sub parts {
    my ($user, $first, $last) = @_;

    my $pad = 'x' x 1000;

    return join(',', map { $user->($_, $pad) } 1 .. $first),
           join('', map { ',' . $user->($_, $pad) } $first + 1 .. $last);
}

my @v1 = parts(\&v1, 300, 350);
my @v2 = parts(\&v2, 300, 350);

my $many = join ',', map { v1($_, 'x' x 1000) } 1 .. 900;
my $large = join ',', map { v1($_, 'x' x 100_000) } 1 .. 10;
my $total = ($t->checker ? 20 : 200) << 20;


# Blocks of users, with commas between, until there are so many bytes; tells
# where it could not go on, since nobody read.

sub send_list {
    my ($conn, $request, $block, $total) = @_;

    my $path = $t->dir . '/' . ($request->{uri} =~ s/\W//gr);
    my $count = 1 + int($total / length $block);
    my $sent = 0;

    $conn->send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                . "Connection: close\r\n\r\n[");

    $conn->{socket}->blocking(0);

    for my $i (1 .. $count) {
        my $data = $i == $count ? "$block]" : "$block,";

        while ($data ne '') {
            if (!IO::Select->new($conn->{socket})->can_write(1)) {
                $t->write_file("$path.blocked", "$sent\n");
                next;
            }

            my $n = syswrite $conn->{socket}, $data;

            if (!defined $n) {
                next if $!{EAGAIN};
                $t->write_file("$path.closed", "$sent\n");
                return undef;
            }

            $sent += $n;
            substr $data, 0, $n, '';
        }
    }

    $conn->close;
    return undef;
}


my $backend = $t->backend({
    '/first'     => { body => [ '[' . v1(1, 'a'), \'first',
                                ',' . v1(2, 'b') . ']' ] },
    '/first/chunked' => { body => [ '[' . v1(1, 'a'), \'first',
                                    ',' . v1(2, 'b') . ']' ],
                          framing => 'chunked' },
    '/first/close' => { body => [ '[' . v1(1, 'a'), \'first',
                                  ',' . v1(2, 'b') . ']' ],
                        framing => 'close', version => '1.0' },
    '/first/gzip' => { body => [ '[' . v1(1, 'a'), \'first',
                                 ',' . v1(2, 'b') . ']' ],
                       framing => 'chunked', gzip => 1 },
    '/first/envelope' => { body => [ '{"start":0,"users":[' . v1(1, 'a'),
                                     \'first', ',' . v1(2, 'b')
                                     . '],"total":2}' ],
                           framing => 'chunked' },
    '/list'      => { body => [ "[$v1[0]", \'list', "$v1[1]]" ],
                      framing => 'chunked' },
    '/list/length' => { body => [ "[$v1[0]", \'list', "$v1[1]]" ] },
    '/list/envelope' => { body => [ "{\"users\":[$v1[0]", \'list',
                                    "$v1[1]],\"total\":350}" ],
                          framing => 'chunked' },
    '/whole'     => { body => "[$v1[0]$v1[1]]" },
    '/half'      => { body => [ '[' . v1(1, 'a') . ',{"user_id":"a|2"',
                                \'half', ',"plan":"b"}]' ],
                      framing => 'chunked' },
    '/abort'     => sub { send_list(@_, $many, 64 << 20) },
    '/held'      => sub {
        my ($conn, $request) = @_;

        $conn->send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    . "Content-Length: 1000\r\n\r\n[");
        $conn->drained;
        $t->write_file('held.sent', '');
        $t->write_file('held.closed', $conn->wait_close);
        return undef;
    },
    '/many'      => sub { send_list(@_, $many, $total) },
    '/large'     => sub { send_list(@_, $large, $total) },
    '/slow'      => sub { send_list(@_, $many, 64 << 20) },
    '/slow/unbuffered' => sub { send_list(@_, $many, 64 << 20) },
    '/slow/http2' => sub { send_list(@_, $many, 64 << 20) },
    '/slow/file' => sub { send_list(@_, $many, 16 << 20) },
});

my $options = '';

for my $path (qw(unbuffered stream both)) {
    $options .= "location /$path/ {\n"
        . "    proxy_pass http://%%BACKEND%%/;\n"
        . ($path ne 'stream' ? "    proxy_buffering off;\n"
                              . "    proxy_buffer_size 1k;\n" : '')
        . ($path ne 'unbuffered' ? "    profile_buffer_size 0;\n" : '')
        . "}\n";
}

$t->conf(<<"END");
    include profile/auth0.conf;

    log_format action '\$uri \$profile_action \$profile_reason';

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        access_log %%DIR%%/access.log action;

        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_read_timeout 60s;
        send_timeout 60s;
        profile_rewrite auth0 envelope=users;

        location / {
            proxy_pass http://%%BACKEND%%;
            proxy_max_temp_file_size 0;
        }

        $options

        location /both/postpone/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            profile_buffer_size 0;
            postpone_output 100000;
        }

        location /rate/ {
            proxy_pass http://%%BACKEND%%/;
            limit_rate 300k;
        }

        location /rate/unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            limit_rate 300k;
        }

        location /gzip/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            profile_buffer_size 0;
            gzip on;
            gzip_types application/json;
        }

        location /file/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_temp_file_write_size 32k;
        }
    }
END

$t->start;

my ($r, $c, $id, $length);


# H3.1: what has come is passed on while the gate is shut

my $first = '[' . v2(1, 'a');
my $both = "$first," . v2(2, 'b') . ']';

my @first = (
    [ '/both/first', '1.1' ], [ '/both/first', '1.0' ],
    [ '/both/first', '2' ], [ '/both/first/chunked', '1.1' ],
    [ '/both/first/chunked', '2' ], [ '/both/first/close', '1.1' ],
    [ '/both/first/close', '1.0' ], [ '/both/first/gzip', '1.1' ],
    [ '/both/first/envelope', '1.1' ], [ '/both/first/envelope', '2' ],
    [ '/both/postpone/first', '1.1' ], [ '/gzip/first', '1.1' ],
);

my @list = (
    map { my $version = $_; map { [ $_, $version ] }
          qw(/list /list/length /list/envelope /unbuffered/list
             /unbuffered/list/length /unbuffered/list/envelope /stream/list
             /both/list/envelope) } qw(1.1 1.0 2)
);

# All of them wait at the gate at the same time.

sub begin {
    my ($uri, $version) = @_;

    my $request = { uri => $uri, version => $version };

    if ($version eq '2') {
        $request->{client} = $t->http2;
        $request->{id} = $request->{client}->request('GET', $uri);

    } else {
        $request->{client} = $t->connect;
        $request->{client}->send(ProfileTest::Client::request_text(
            'GET', $uri, { version => $version }));
    }

    return $request;
}


sub until_body {
    my ($request, $condition) = @_;

    my $client = $request->{client};

    if ($request->{id}) {
        return $client->read_until($request->{id}, $condition);
    }

    $request->{response} //= $client->head;

    return $client->read_until($request->{response}, $condition);
}


sub end {
    my ($request) = @_;

    my $client = $request->{client};
    my $r = $request->{id} ? $client->response($request->{id})
                           : $client->finish($request->{response});

    $client->close;
    return $r;
}

my @begun = map { begin(@$_) } @first;

for my $request (@begun) {
    my $want = $first;

    $want = '{"start":0,"users":' . $want if $request->{uri} =~ /envelope/;
    $request->{want} = $want;

    ok(until_body($request, sub { $_[0]->length >= length $want }),
       "H3.1 the first user, HTTP/$request->{version}: $request->{uri}");
}

$backend->open_gate('first');

for my $request (@begun) {
    $r = end($request);

    my $want = $both;

    $want = "{\"start\":0,\"users\":$want,\"total\":2}"
        if $request->{uri} =~ /envelope/;

    is($r->body, $want,
       "H3.1 then the rest, HTTP/$request->{version}: $request->{uri}");
    ok($r->complete,
       "H3.1 whole, HTTP/$request->{version}: $request->{uri}");
}

# With buffers full, the last ones may wait: half of it is enough.

@begun = map { begin(@$_) } @list;

for my $request (@begun) {
    ok(until_body($request, sub { $_[0]->length > 150_000 }),
       "H3.1 users of a list, HTTP/$request->{version}: $request->{uri}");
}

$backend->open_gate('list');

for my $request (@begun) {
    $r = end($request);

    my $want = "[$v2[0]$v2[1]]";

    $want = "{\"users\":$want,\"total\":350}" if $request->{uri} =~ /envelope/;

    ok($r->body eq $want,
       "H3.1 all of them, HTTP/$request->{version}: $request->{uri}");
    ok($r->complete,
       "H3.1 whole list, HTTP/$request->{version}: $request->{uri}");
}

# A user that is not whole yet does not leave, not even in part.

my $half = begin('/both/half', '1.1');

ok(until_body($half, sub { $_[0]->length >= length $first }),
   'H3.1 the user before half a one');
is($half->{response}->body =~ s/,\z//r, $first, 'H3.1 no more than that');

$backend->open_gate('half');
$r = end($half);

is($r->body, $both, 'H3.1 then the other half');

# gzip towards the client lets the flush through.

my $gzip = $t->connect;

$gzip->send("GET /gzip/first HTTP/1.1\r\nHost: a\r\n"
            . "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n");
is($gzip->response->text, $both, 'H3.2 gzip towards the client');


# H3.2: rates, and a client that reads little

for my $uri ('/rate/whole', '/rate/unbuffered/whole') {
    $r = $t->get($uri);

    ok($r->body eq "[$v2[0]$v2[1]]", "H3.2 limit_rate: $uri");
    ok($r->complete, "H3.2 limit_rate, whole: $uri");
}

for my $uri ('/whole', '/unbuffered/whole', '/both/whole', '/file/whole') {
    my $h2 = $t->http2(window => 100);

    $id = $h2->request('GET', $uri);

    ok($h2->read_until($id, sub { $_[0]->length == 100 }),
       "H3.2 a small window: $uri");

    for my $size (1, 999, 50_000) {
        my $length = $h2->peek($id)->length + $size;

        $h2->update($id, $size);
        ok($h2->read_until($id, sub { $_[0]->length == $length }),
           "H3.2 $size bytes more: $uri");
    }

    $h2->update($id, 1_000_000);
    $r = $h2->response($id);

    ok($r->body eq "[$v2[0]$v2[1]]", "H3.2 and all the rest: $uri");
    ok($r->complete, "H3.2 a small window, whole: $uri");
    $h2->close;
}


# H3.1: back pressure.  The client reads the head and waits.  Its window is
# small, but has room for some segments: else only the sender's timer moves it.

sub blocked {
    my ($path) = @_;

    $t->wait(sub { -e $t->dir . "/$path.blocked" });

    return $t->read_file("$path.blocked") || 0;
}

my $block = length join ',', map { v2($_, 'x' x 1000) } 1 .. 900;

sub list_length {
    my ($block, $out, $total) = @_;

    my $count = 1 + int($total / length $block);

    return $count * ($out + 1) + 1;
}

for my $case ([ '/slow', 'slow' ], [ '/unbuffered/slow/unbuffered',
                                     'slowunbuffered' ])
{
    my ($uri, $path) = @$case;

    my $before = $t->rss;

    $length = 0;

    $c = $t->connect(rcvbuf => 1 << 18);
    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    $r = $c->head(sink => sub { $length += length $_[0] });

    my $blocked = blocked($path);

    cmp_ok($blocked, '>', 0, "H3.1 the backend waits: $uri");
    cmp_ok($blocked, '<', 32 << 20, "H3.1 early: $uri");

    cmp_ok($t->rss - $before, '<', 2 << 20, "H3.1 and no memory: $uri")
        unless $t->checker;

    is($t->get('/both/half')->status, 200,
       "H3.1 others are served meanwhile: $uri");

    $c->finish($r);

    ok($r->complete, "H3.1 whole in the end: $uri");
    is($length, list_length($many, $block, 64 << 20),
       "H3.1 all of it in the end: $uri");
    $c->close;
}

my $h2 = $t->http2(window => 1000);

$id = $h2->request('GET', '/slow/http2');
ok($h2->read_until($id, sub { $_[0]->length == 1000 }),
   'H3.1 HTTP/2, the window is full');
cmp_ok(blocked('slowhttp2'), '<', 32 << 20, 'H3.1 HTTP/2, the backend waits');
$h2->close;

# Through a temporary file: the backend goes on, the memory stays.

my $before = $t->rss;

$length = 0;
$c = $t->connect(rcvbuf => 1 << 18);
$c->send("GET /file/slow/file HTTP/1.1\r\nHost: a\r\n"
         . "Connection: close\r\n\r\n");
$r = $c->head(sink => sub { $length += length $_[0] });

ok($t->wait_log(qr/buffered to a temporary file/), 'H3.1 a temporary file');

$c->finish($r);

is($length, list_length($many, $block, 16 << 20),
   'H3.1 all of a temporary file');
ok($r->complete, 'H3.1 whole from a temporary file');
cmp_ok($t->rss - $before, '<', 2 << 20, 'H3.1 a temporary file, no memory')
    unless $t->checker;
$c->close;


# H3.2: the client goes

sub closed {
    my ($file) = @_;

    return $t->wait(sub { $t->read_file($file) ne '' });
}

$c = $t->connect(rcvbuf => 1 << 18);
$c->send("GET /abort HTTP/1.1\r\nHost: a\r\n\r\n");
$c->head;
$c->abort;

ok(closed('abort.closed'), 'H3.2 the client goes, and the backend is let go');

$c = $t->connect;
$c->send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n");

$t->wait(sub { -e $t->dir . '/held.sent' });
$c->abort;

ok(closed('held.closed'), 'H3.2 the client goes while the header is held');


# M6.1

SKIP: {
    skip 'memory is that of the checker', 8 if $t->checker;

    my @cases = (
        [ '/stream/many', $many, $block ], [ '/both/many', $many, $block ],
        [ '/stream/large', $large ], [ '/both/large', $large ],
    );

    for my $case (@cases) {
        my ($uri, $in, $out) = @$case;

        $out //= length join ',', map { v2($_, 'x' x 100_000) } 1 .. 10;
        $length = 0;

        # A worker that has done nothing yet.

        my @old = $t->workers;

        $t->reload;
        $t->wait_gone(@old);
        $before = $t->rss;
        $r = $t->get($uri, ':sink' => sub { $length += length $_[0] });

        is($length, list_length($in, $out, $total), "M6.1 all of it: $uri");
        cmp_ok($t->peak_rss - $before, '<', 2 << 20, "M6.1 memory: $uri");
    }
}

$t->stop;

my $log = $t->read_file('access.log');

like($log, qr{^/abort failed client$}m, 'H3.2 the client went, in the log');
like($log, qr{^/held failed client$}m, 'H3.2 the client went early');

done_testing;
