#!/usr/bin/perl

# Proves that a body that unfolds to very much text does not keep a worker from
# its other requests (H3.3): what comes in while it is read is answered before
# it ends.  Nothing is timed: the worker is stopped until both the body and the
# other request have arrived, the body first, and the error log has the order
# in which they were done.  It fails when a body is read in one go, and when
# what was put off is forgotten, or comes out as something else.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Client qw(same);

my $t = ProfileTest->new;

sub users { return join ',', map { $_[0]->($_) } 1 .. $_[1] }

sub old {
    return qq({"user_id":"a|$_[0]","email":"a","plan":") . 'x' x 1000 . '"}';
}

sub new {
    return qq({"user_id":"a|$_[0]","email":"a","app_metadata":{"plan":")
           . 'x' x 1000 . '"},"user_metadata":{}}';
}

my $v1 = '[' . users(\&old, 3000) . ']';
my $v2 = '[' . users(\&new, 3000) . ']';
my $bad = "$v1 x";
my $object = '{"plan":"' . 'x' x 20 . '"}';

my %bodies = (
    gzip  => { gzip => 1 },
    small => { gzip => 1, framing => 'chunked', chunk => 100 },
    plain => {},
);


# The body of /gated/NAME/HOW waits for its gate, and tells when all of it was
# handed over.

my $backend = $t->backend({
    map({ ("/whole/$_" => { body => $v1, %{ $bodies{$_} } }) } keys %bodies),

    '/bomb' => { body => '[' . "$object," x 400_000 . '{}]', gzip => 1 },
    '/dry'  => { body => $v1, gzip => 1 },

    '*' => sub {
        my ($conn, $req) = @_;
        my ($name, $how) = $req->{uri} =~ m{/gated/([\w-]+)/(\w+)} or return;

        $conn->wait_gate($name);
        $conn->answer($req, { body => $bad, %{ $bodies{$how} } });
        $t->write_file("sent-$name", '');

        return undef;
    },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    log_format dry '$uri $profile_action $profile_reason';

    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        proxy_http_version 1.1;
        profile_rewrite auth0;
        profile_buffer_size 16m;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_cache cache;
            proxy_cache_valid 1h;
        }

        location /held/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
            profile_buffer_size 64k;
            profile_list match=email:nobody;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 0;
        }

        location /stream/unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 0;
            proxy_buffering off;
        }

        location /few/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 0;
            proxy_buffers 2 4k;
            proxy_busy_buffers_size 4k;
            proxy_buffer_size 4k;
        }

        location /slow/ {
            proxy_pass http://%%BACKEND%%/;
            limit_rate 20m;
        }

        location /file/ {
            alias %%DIR%%/html/;
            default_type application/json;
        }

        location /page/ {
            alias %%DIR%%/html/;
            default_type text/html;
            profile_rewrite off;
            ssi on;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite_dry_run on;
            access_log %%DIR%%/dry.log dry;
        }

        location /other/ {
            alias %%DIR%%/html/;
            profile_rewrite off;
        }
    }
END

$t->write_file('html/bad.json', $bad);
$t->write_file('html/good.json', $v1);
$t->write_file('html/ssi', 'a<!--# include virtual="/gated/ssi/gzip" -->b');
$t->write_file('html/good', 'a<!--# include virtual="/whole/gzip" -->b');

$t->start;

my ($worker) = $t->workers;


# What was put off comes, to the byte.

for my $path ('', '/unbuffered', '/cache', '/stream', '/stream/unbuffered',
              '/few', '/slow', '/cache')
{
    for my $how (sort keys %bodies) {
        same($t->get("$path/whole/$how"), $v2, "H3.3 whole: $path $how");
        same($t->http2_request('GET', "$path/whole/$how"), $v2,
             "H3.3 whole: $path $how, HTTP/2");
    }
}

same($t->get('/file/good.json'), $v2, 'H3.3 whole: a file');
same($t->get('/page/good'), "a${v2}b", 'H3.3 whole: a subrequest');
is($t->get('/held/whole/gzip')->body, '[]', 'H3.3 whole: nothing is left');


# The body first, then the other one: which is done first?

my $n = 0;

sub order {
    my ($uri, $gate) = @_;

    my ($bomb, $other) = ($t->connect, $t->connect);

    $n++;

    # Both connections are known to the worker before it is stopped.

    for my $c ($bomb, $other) {
        $c->send("GET /other/none HTTP/1.1\r\nHost: a\r\n\r\n");
        $c->response;
    }

    if ($gate) {
        $backend->forget;
        $bomb->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");
        $backend->wait_requests(1);
    }

    kill 'STOP', $worker;

    if ($gate) {
        $backend->open_gate($gate);
        $t->wait(sub { -e $t->dir . "/sent-$gate" });

    } else {
        $bomb->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    $other->send("GET /other/mark-$n HTTP/1.1\r\nHost: a\r\n\r\n");

    kill 'CONT', $worker;

    is($other->response->status, 404, "the other one: $uri");

    my $r = $bomb->response;

    my @order = $t->log =~ m{profile\ filter:\ (trailing_data):.*GET\ \Q$uri\E
                             |(mark-$n)"\ failed}gx;

    is(join(' ', grep { defined } @order), "mark-$n trailing_data",
       "H3.3 the order: $uri");

    $_->close for $bomb, $other;

    return $r;
}

for my $path ('', '/unbuffered', '/held', '/cache') {
    my $name = $path =~ s{\W}{}gr . '-g';

    is(order("$path/gated/$name/gzip", $name)->status, 502,
       "H4.1 the error is told: $path");
}

order('/file/bad.json');
order('/page/ssi', 'ssi');


# How much is read at a time

SKIP: {
    skip 'no debug log', 1 if ProfileTest::version_text() !~ /--with-debug/;

    my @read = $t->log =~ /the turn is over, read:(\d+)/g;

    is(scalar(grep { $_ < 262144 || $_ > 262144 + 32768 } @read), 0,
       'H3.3 the size of a turn');
    cmp_ok(scalar @read, '>', 100, 'H3.3 many turns');
}


# A client that leaves in between takes the turn that was to come with it.

for my $uri ('/whole/gzip', '/unbuffered/whole/plain', '/stream/whole/gzip') {
    my $c = $t->connect;

    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");
    $c->abort;
}

is($t->get('/held/whole/gzip')->body, '[]', 'H3.3 life goes on');


# A dry run cannot put anything off: it gives up where it would have to.

my ($bomb, $dry) = map { $t->get("/dry/$_") } qw(bomb dry);

ok($bomb->complete && $dry->complete, 'a dry run: the responses are whole');
$t->stop;
is($t->read_file('dry.log'), "/dry/bomb passed partial\n"
   . "/dry/dry would_rewrite -\n", 'H3.3 a dry run');

done_testing;
