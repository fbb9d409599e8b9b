#!/usr/bin/perl

# Proves that a user is made by what v1's own bag has (M8): which calls that
# takes and what they carry, for which requests it is so, and what the client
# gets where the bag cannot be read.  It fails when the schema has a say where
# v1 knows, when anything of a user leaves without the bag having been whole, or
# when a list, a HEAD or a dry run asks for a bag.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $id = '"user_id":"facebook|1"';
my $tail = '"app_metadata":{%s},"user_metadata":{%s}}';
my $big = 'x' x 200_000;

sub v2 {
    my ($root, $app, $user) = @_;

    return "{$id,$root" . sprintf $tail, $app, $user // '';
}


# The user of each case, its bag, and what v2 is made of both.  "link" is
# Facebook's by the schema, "groups" unknown to it.

my @rows = (
    [ 'stays', '"groups":[1],"plan":"x"', '{"plan":"x"}',
      v2('"groups":[1],', '"plan":"x"') ],
    [ 'moves', '"link":"l","plan":"x"', '{"link":"l","plan":"x"}',
      v2('', '"link":"l","plan":"x"') ],
    [ 'agrees', '"link":"l","plan":"x","email":"a@b.c"', '{"plan":"x"}',
      v2('"link":"l","email":"a@b.c",', '"plan":"x"') ],
    [ 'prefix', '"um_a":1,"am_b":2', '{"um_a":1}',
      v2('"am_b":2,', '', '"a":1') ],
    [ 'nobody', '"plan":"x"', '{}', v2('"plan":"x",', '') ],
    [ 'null', '"plan":"x"', 'null', v2('"plan":"x",', '') ],
    [ 'php', '"plan":"x"', '[]', v2('"plan":"x",', '') ],
    [ 'large', qq("a":"$big","b":1), qq({"a":"$big"}),
      v2('"b":1,', qq("a":"$big")) ],
);

my $plan = '{"plan":"x"}';
my $said = '{"statusCode":%d,"error":"%s","message":"%s","errorCode":"%s"}';
my $unreadable = sprintf $said, 502, 'Bad Gateway', 'The backend\'s answer '
                 . 'cannot be shown as a profile: what it keeps as metadata '
                 . 'cannot be read.', 'invalid_upstream_profile';

# What v1 answers in place of a bag, and what the client gets.

my @errors = (
    [ 401, { status => 401, body => '{"message":"Bad token."}',
             headers => [ 'WWW-Authenticate' => 'Bearer' ] },
      401, sprintf $said, 401, 'Unauthorized', 'Bad token.', 'unauthorized' ],
    [ 403, { status => 403, body => '{"message":"No.","errorCode":"scope"}' },
      403, sprintf $said, 403, 'Forbidden', 'No.', 'scope' ],
    [ 404, { status => 404, body => '{"error":"who?"}' },
      404, sprintf $said, 404, 'Not Found', 'who?', 'inexistent_user' ],
    [ 429, { status => 429, body => 'slow', type => 'text/plain',
             headers => [ 'Retry-After' => 7 ] },
      429, sprintf $said, 429, 'Too Many Requests', 'Too Many Requests',
           'too_many_requests' ],
    [ 500, { status => 500, body => '{"message":"at line 7"}' },
      502, sprintf $said, 502, 'Bad Gateway', 'Bad Gateway', 'bad_gateway' ],
    [ 503, { status => 503, body => 'x' },
      502, sprintf $said, 502, 'Bad Gateway', 'Bad Gateway', 'bad_gateway' ],
    [ 302, { status => 302, headers => [ Location => '/elsewhere' ] },
      502, sprintf $said, 502, 'Bad Gateway', 'Bad Gateway', 'bad_gateway' ],
    [ 204, { status => 204 },
      502, sprintf $said, 502, 'Bad Gateway', 'Bad Gateway', 'bad_gateway' ],
    [ 206, { status => 206, body => '{}' },
      502, sprintf $said, 502, 'Bad Gateway', 'Bad Gateway', 'bad_gateway' ],
    [ 201, { status => 201, body => '{}' },
      502, sprintf $said, 502, 'Bad Gateway', 'Bad Gateway', 'bad_gateway' ],
    [ 'time', sub { $_[0]->wait_close; return },
      504, sprintf $said, 504, 'Gateway Timeout', 'Gateway Timeout',
           'gateway_timeout' ],
    [ 'dead', sub { $_[0]->close; return },
      502, sprintf $said, 502, 'Bad Gateway', 'Bad Gateway', 'bad_gateway' ],
);

# A bag that cannot be read, whatever the reason is called.

my @unreadable = (
    [ 'empty', { body => '' }, 'truncated' ],
    [ 'html', { body => '<html>', type => 'text/html' }, 'invalid_json' ],
    [ 'list', { body => '[{"plan":"x"}]' }, 'not_object' ],
    [ 'number', { body => '7' }, 'not_object' ],
    [ 'half', { body => '{"plan":"x"' }, 'truncated' ],
    [ 'behind', { body => '{"plan":"x"}}' }, 'trailing_data' ],
    [ 'utf8', { body => qq({"\xff":1}) }, 'invalid_utf8' ],
    [ 'cut', { body => $plan, cut => 5 }, 'upstream' ],
    [ 'cut-end', { body => $plan, cut => 11 }, 'upstream' ],
    [ 'cut-chunked', { body => $plan, framing => 'chunked', cut => 12 },
      'upstream' ],
    [ 'reset', { body => $plan, cut => 5, reset => 1 }, 'upstream' ],
    [ 'trailer', { body => $plan, framing => 'chunked', trailer => "zz\r\n" },
      'upstream' ],
    [ 'no-gzip', { body => $plan, headers => [ 'Content-Encoding', 'gzip' ] },
      'invalid_gzip' ],
    [ 'brotli', { body => $plan, headers => [ 'Content-Encoding', 'br' ] },
      'encoding' ],
    [ 'over', { body => '{"a":"' . 'x' x 1_200_000 . '"}' },
      'user_too_large' ],
    [ 'over-names', { body => '{"":0' . ',"abcdefg":1' x 120_000 . '}' },
      'user_too_large' ],
    [ 'bomb', { body => '{"a":"' . 'x' x 50_000_000 . '"}', gzip => 1 },
      'user_too_large' ],
);

# Ways of a good bag.

my @ways = (
    [ 'gzip', { body => $plan, gzip => 1 } ],
    [ 'bytes', { body => $plan, piece => 1 } ],
    [ 'bytes-chunked', { body => $plan, framing => 'chunked', chunk => 1,
                         piece => 1 } ],
    [ 'bytes-gzip', { body => $plan, gzip => 1, piece => 1 } ],
    [ 'close', { body => $plan, framing => 'close' } ],
    [ 'type', { body => $plan, type => 'text/plain' } ],
    [ 'many', { body => '{"plan":0' . join('', map { ",\"n$_\":$_" }
                                           1 .. 60_000) . '}' } ],
);

my %users = map { ($_->[0] => "{$id,$_->[1]}") } @rows;
my %bags = ((map { ($_->[0] => { body => $_->[2] }) } @rows),
            (map { ($_->[0] => $_->[1]) } @errors, @unreadable, @ways));

my %answers = (
    '/api/users' => "[{$id,\"plan\":\"x\"}]",
    '/api/users/page' => { body => '<!--# include virtual="/ssi/api/v2/users/'
                           . 'agrees" -->|<!--# include virtual="/ssi/api/v2/'
                           . 'users/half" -->|', type => 'text/html' },
);

for my $case (keys %bags) {
    my $user = $users{$case} // "{$id,\"link\":1,\"plan\":\"x\"}";
    my $bag = $bags{$case};

    $answers{"/api/users/$case"} = { body => $user };
    $answers{"/api/users/$case/metadata"} = $bag;
}

my $backend = $t->backend(\%answers);

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    log_format exact '$request_uri $status $profile_action $profile_reason '
                     'exact=$profile_exact calls=$profile_calls';

    profile_max_user_size 1m;

    map $request_uri $bag_of {
        ~/users/(?<bag_is>[a-z]+) $bag_is;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        access_log %%DIR%%/access.log exact;

        proxy_read_timeout 60s;
        profile_exact /.profile/bag;
        include profile/gateway.conf;
    }

    # Other ways to set it up.

    server {
        listen 127.0.0.1:%%PORT_2%%;
        access_log %%DIR%%/access.log exact;

        profile_exact /bag;
        proxy_http_version 1.1;

        location = /bag {
            internal;
            proxy_pass http://profile_backend/api/users/$bag_of/metadata;
            proxy_read_timeout 60s;
        }

        # No API of v2: a body that is rewritten, in a page of SSI too.

        location /plain/ {
            proxy_pass http://profile_backend/api/;
            profile_rewrite auth0;
        }

        location /ssi/api/v2/ {
            proxy_pass http://profile_backend/api/;
            profile_exact /.bag/$uri;
            profile_rewrite auth0;
        }

        location ~ ^/\.bag//ssi/api/v2/users/(?<ssi_id>.*)$ {
            internal;
            proxy_pass http://profile_backend/api/users/$ssi_id/metadata;
        }

        location = /page {
            ssi on;
            proxy_pass http://profile_backend/api/users/page;
        }

        location /dry/ {
            proxy_pass http://profile_backend/api/;
            profile_rewrite auth0;
            profile_rewrite_dry_run on;
        }

        location /if/ {
            proxy_pass http://profile_backend/api/;
            profile_rewrite auth0 if=$arg_v2;
        }

        location /late/ {
            proxy_pass http://profile_backend/api/;
            profile_rewrite auth0 if=$upstream_http_content_type;
        }

        location /off/ {
            proxy_pass http://profile_backend/api/;
            profile_rewrite auth0;
            profile_exact off;
        }

        location /none/ {
            proxy_pass http://profile_backend/api/;
            profile_rewrite auth0 users=none;
        }

        # All that is said of a server is inherited by the bag.

        location /all/ {
            profile_rewrite auth0 api=v2;
            proxy_pass http://profile_backend/api/;
            profile_exact /all/bag/;

            location /all/bag/ {
                proxy_pass http://profile_backend/api/users/$bag_of/metadata;
            }
        }

        # The page of an error is a read like others.

        location /page/ {
            error_page 404 =200 /plain/users/$bag_of;
            return 404;
        }

        location /slow/ {
            proxy_pass http://profile_backend/api/;
            profile_rewrite auth0 api=v2;
            profile_exact /slow-bag;
        }

        location = /slow-bag {
            internal;
            proxy_pass http://profile_backend/api/users/$bag_of/metadata;
            proxy_read_timeout 200ms;
        }
    }
END

$t->start;


# What went up: a line a call.

sub calls {
    return join "\n", map { "$_->{method} $_->{uri}" } $backend->requests;
}

sub logged {
    my ($uri) = @_;

    my $line;

    $t->wait(sub {
        ($line) = grep { /\A\Q$uri\E / } split /\n/,
                       $t->read_file('access.log');
        return $line;
    });

    return $line;
}

for my $row (@rows) {
    my ($case, undef, undef, $v2) = @$row;

    $backend->forget;

    my $r = $t->get("/api/v2/users/$case?$case");

    is($r->status, 200, "M8.1 $case: 200");
    ok($r->body eq $v2, "M8.1 $case: the body")
        or diag(substr $r->body, 0, 300);
    is(calls(), "GET /api/users/$case/metadata\nGET /api/users/$case",
       "M8.4 $case: the bag is read first");
    is(logged("/api/v2/users/$case?$case"),
       "/api/v2/users/$case?$case 200 rewritten - exact=1 calls=1",
       "M8.6 $case: the log");

    is($t->http2_request('GET', "/api/v2/users/$case")->body, $v2,
       "M8.1 $case: HTTP/2") if $case ne 'large';
}

# Both calls have the headers of the client, but for those of U2.3.

$backend->forget;

$t->get('/api/v2/users/agrees', Authorization => 'Bearer t', 'X-Own' => 'o',
        Cookie => 'c=1', 'Accept-Encoding' => 'br', Range => 'bytes=0-1',
        'If-None-Match' => '"x"', 'If-Modified-Since' => 'x',
        Expect => '100-continue');

for my $request ($backend->requests) {
    my $h = $request->{headers};

    is(join(' ', map { $h->{$_} // '-' } qw(authorization x-own cookie)),
       'Bearer t o c=1', "M8.4 $request->{uri}: the client's headers");
    is(join(' ', map { $h->{$_} // '-' }
            qw(range if-none-match if-modified-since expect content-type)),
       '- - - - -', "M8.4 $request->{uri}: not those of U2.3");
}

# A body beside the GET stays here, with the guard and without.

$backend->forget;

is($t->request('GET', '/api/v2/users/agrees', ':body' => '{}',
               'Content-Type' => 'application/json')->body, $rows[2][3],
   'M8.4 a GET with a body');
is(join('', map { $_->{body} } $backend->requests), '',
   'M8.4 the body stays here');
is($t->request('GET', '/plain/users/agrees', ':port' => $t->port(2),
               ':body' => 'x' x 100)->body, $rows[2][3],
   'M8.4 a GET with a body and no guard');

# Who is asked for no bag.

my $asked = sub {
    my ($name, $calls, $method, $uri, %headers) = @_;

    $backend->forget;

    my $r = $t->request($method, $uri, ':port' => $t->port(2), %headers);

    is(calls(), $calls, "M8.4 $name: the calls");

    return $r;
};

my $by_schema = v2('"link":"l","email":"a@b.c",', '"plan":"x"');

$asked->('HEAD', 'HEAD /api/users/stays', 'HEAD', '/plain/users/stays');
$asked->('a dry run', 'GET /api/users/stays', 'GET', '/dry/users/stays');
$asked->('off', 'GET /api/users/stays', 'GET', '/off/users/stays');
$asked->('users=none', 'GET /api/users/stays', 'GET', '/none/users/stays');
$asked->('if= that does not hold', 'GET /api/users/stays', 'GET',
         '/if/users/stays');
$asked->('another method', 'POST /api/users/stays', 'POST',
         '/plain/users/stays');

$backend->forget;
$t->head('/api/v2/users/stays');
is(calls(), 'HEAD /api/users/stays', 'M8.4 HEAD of the gateway: one call');

for my $uri ('/api/v2/users', '/api/v2/users?include_totals=true',
             '/api/v2/users?q=plan:x') {
    $backend->forget;

    is($t->get($uri)->status, 200, "M8.4 $uri: 200");
    unlike(calls(), qr/metadata/, "M8.4 $uri: no bag");
}

is(logged('/api/v2/users'), '/api/v2/users 200 rewritten - exact=0 calls=0',
   'M8.6 a list: $profile_exact');

# And who is.

for my $uri ('/if/users/moves?v2=1', '/late/users/moves',
             '/plain/users/moves', '/all/users/moves', '/page/users/moves') {
    my $r = $t->get($uri, ':port' => $t->port(2));

    is($r->body, $rows[1][3], "M8.4 $uri");
}

is($t->get('/api/v2/users/moves?fields=user_id,app_metadata.link')->body,
   '{"user_id":"facebook|1","app_metadata":{"link":"l"}}', 'U5.3 fields');

# In a page of SSI, with an error of the bag beside it.

my $page = $t->get('/page', ':port' => $t->port(2))->body;

like($page, qr/\A\Q$rows[2][3]\E\|/, 'M8.4 SSI');
unlike($page, qr/\|.*user_id/s, 'M8.5 SSI: nothing of who cannot be made');
like($page, qr/\|.*502.*\|\z/s, 'M8.5 SSI: an error in its place');

# Bags that v1 does not give.

for my $error (@errors) {
    my ($case, undef, $status, $body) = @$error;
    my $uri = "/api/v2/users/$case";
    my @port;

    if ($case eq 'time') {
        $uri = "/slow/users/$case";
        @port = (':port' => $t->port(2));
    }

    $backend->forget;

    my $r = $t->get($uri, @port);

    is($r->status, $status, "U6 $case: the status");
    is($r->body, $body, "U6 $case: the body");
    is(calls(), "GET /api/users/$case/metadata" , "U6 $case: no other call")
        if $case ne 'dead';
    is($r->header('Cache-Control'), 'no-cache', "U2.5 $case") if !@port;
    like(logged($uri), $status < 500
         ? qr/ $status passed \w+ exact=- calls=1/
         : qr/ $status failed upstream exact=- calls=1/,
         "M8.6 $case: the log");
}

is($t->get('/api/v2/users/429')->header('Retry-After'), 7,
   'U2.3 429: when to come back');
is($t->get('/api/v2/users/401')->header('WWW-Authenticate'), 'Bearer',
   'U2.3 401: how to be let in');

# Bags that cannot be read.

for my $bad (@unreadable) {
    my ($case, undef, $reason) = @$bad;

    $backend->forget;

    my $r = $t->get("/api/v2/users/$case");

    is($r->status, 502, "M8.5 $case: 502");
    is($r->body, $unreadable, "M8.5 $case: the body");
    is(calls(), "GET /api/users/$case/metadata", "M8.5 $case: no other call");
    is(logged("/api/v2/users/$case"),
       "/api/v2/users/$case 502 failed $reason exact=- calls=1",
       "M8.6 $case: the log");
}

is($t->get('/plain/users/half', ':port' => $t->port(2))->body, $unreadable,
   'M8.5 without the API of v2');
is($t->http2_request('GET', '/api/v2/users/half')->body, $unreadable,
   'M8.5 HTTP/2');

# A PATCH writes nothing before bag and user are known.

for my $row ([ half => 502 ], [ list => 502 ], [ over => 502 ],
             [ brotli => 502 ], [ 403 => 403 ], [ 500 => 502 ])
{
    my ($case, $status) = @$row;

    $backend->forget;

    my $r = $t->request('PATCH', "/api/v2/users/$case",
                        'Content-Type' => 'application/json',
                        ':body' => '{"app_metadata":{"a":1}}');

    is($r->status, $status, "U3.11 $case: PATCH");
    is(calls(), "GET /api/users/$case/metadata",
       "U3.11 $case: nothing is written");
}

for my $way (@ways) {
    is($t->get("/api/v2/users/$way->[0]")->body,
       v2('"link":1,', '"plan":"x"'), "M8.1 bag, $way->[0]");
}

done_testing;
