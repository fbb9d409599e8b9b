#!/usr/bin/perl

# Proves that no cache hands out a profile that was read for somebody else, or
# some time ago: each answer of the v2 API says "no-cache", as those of the
# Management API do, whatever v1 allows for its own paths (U2.5).  It fails when
# an answer does not, when what v1 forbids is forgotten, when a name is there
# twice, and when a byte of v1 has changed.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info', allow => [
    qr/connect\(\) failed \(111: Connection refused\)/,
]);

my $user = '{"user_id":"auth0|1","plan":"full"}';

# What v1 says of its own path, and what becomes of it.

my @says = (
    ['nothing',   [],                                  'no-cache'],
    ['public',    ['public, max-age=600'],             'no-cache'],
    ['shared',    ['s-maxage=600, must-revalidate'],   'no-cache'],
    ['immutable', ['immutable', 'max-age=9'],          'no-cache'],
    ['stale',     ['stale-while-revalidate=60'],       'no-cache'],
    ['odd',       [' ,, =,"a,b" ,'],                   'no-cache'],
    ['like',      ['no-storex, xprivate, x=private'],  'no-cache'],
    ['same',      ['no-cache'],                        'no-cache'],
    ['some',      ['no-cache="Set-Cookie"'],           'no-cache'],
    ['private',   ['private, max-age=60'],             'private, no-cache'],
    ['capital',   ['PRIVATE'],                         'private, no-cache'],
    ['field',     ['private="X-A"'],                   'private, no-cache'],
    ['store',     ['max-age=0,no-store'],              'no-store, no-cache'],
    ['twice',     ['no-store', 'no-store, public'],    'no-store, no-cache'],
    ['transform', ['no-transform'],                'no-transform, no-cache'],
    ['lines',     ['private', 'max-age=1', 'no-store'],
     'private, no-store, no-cache'],
    ['all',       ['private, no-store, no-cache, must-revalidate, pre-check=0'],
     'private, no-store, no-cache'],
);

my @varies = (
    ['v-none',   [],                                 ''],
    ['v-other',  ['Accept'],                         'Accept, '],
    ['v-same',   ['origin,accept-encoding'],         ''],
    ['v-lines',  ['Accept', 'accept,Origin', 'X'],   'Accept, X, '],
    ['v-odd',    [', ,Accept ,,X,'],                 'Accept, X, '],
    ['v-all',    ['*'],                              '*, '],
    ['v-tight',  ['a,b,c,d,e,f,g,h'],        'a, b, c, d, e, f, g, h, '],
);

my %headers = (
    (map { my ($name, $lines) = @$_;
           $name => [map { ('Cache-Control' => $_) } @$lines] } @says),
    (map { my ($name, $lines) = @$_;
           $name => [map { (Vary => $_) } @$lines] } @varies),
    older => ['Expires' => 'Thu, 31 Dec 2037 23:55:55 GMT',
              'CDN-Cache-Control' => 'max-age=60',
              'Surrogate-Control' => 'max-age=60'],
    tag   => [ETag => '"e"', 'Cache-Control' => 'public, max-age=60',
              Vary => 'Accept'],
);

my %others = (
    '/api/users/auth0%7C404' => { status => 404, body => '{}' },
    '/api/users/auth0%7C429' => { status => 429 },
    '/api/users/auth0%7C500' => { status => 500, type => 'text/html' },
    '/api/users/auth0%7Cbad' => { body => '{"user_id":' },
    '/api/users/auth0%7Cbig' =>
        { body => '[' . join(',', ($user) x 5000) . ']' },
    '/api/users/auth0%7C101' =>
        { status => 101, headers => [Upgrade => 'x', Connection => 'upgrade'] },
    '/api/users/auth0%7C404/metadata' => { status => 404 },
    '/api/users' => { body => "[$user]" },
    '/api/users/auth0%7C1/logs' => { body => '[]' },
);

$t->backend({ '*' => sub {
    my ($conn, $request) = @_;

    my ($path) = $request->{uri} =~ /^([^?]*)/;
    my ($name) = $path =~ m{\A/api/users/auth0%7C([^/]*)\z};
    my $answer = $others{$path} // { body => $user };

    if (($request->{headers}{'if-none-match'} // '') eq '"e"') {
        $answer = { status => 304 };
    }

    return { %$answer,
             headers => [@{ $headers{$name // ''}
                            // ['Cache-Control' => 'public, max-age=60'] },
                         @{ $answer->{headers} // [] }] };
} });

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;

        gzip on;
        gzip_types application/json;
        gzip_min_length 1;
        gzip_vary on;

        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_3%%;

        location /expires/ {
            expires 1h;
            profile_rewrite auth0 api=v2;
            proxy_pass http://%%BACKEND%%/api/users/;
        }

        location /added/ {
            add_header Cache-Control private;
            profile_rewrite auth0 api=v2;
            proxy_pass http://%%BACKEND%%/api/users/;
        }

        location /v1/ {
            profile_rewrite auth0;
            proxy_pass http://%%BACKEND%%/api/users/;
        }

        location /if/ {
            profile_rewrite auth0 api=v2 if=$arg_v2;
            proxy_pass http://%%BACKEND%%/api/users/;
        }

        location /dry/ {
            profile_rewrite auth0 api=v2;
            profile_rewrite_dry_run on;
            proxy_pass http://%%BACKEND%%/api/users/;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_4%%;

        location / {
            proxy_http_version 1.1;
            proxy_pass http://%%BACKEND%%;
        }
    }
END

$t->start;

sub lines {
    my ($r, $names) = @_;

    return join "\n", sort grep { /^(?:$names):/i } split /\r\n/, $r->raw_head;
}

sub said { return lines($_[0], 'Cache-Control|Vary') }

my $plain = "Cache-Control: no-cache\nVary: Origin, Accept-Encoding";


# What v1 says

for my $row (@says) {
    my ($name, undef, $said) = @$row;

    is(lines($t->get("/api/v2/users/auth0%7C$name"), 'Cache-Control'),
       "Cache-Control: $said", "U2.5 Cache-Control: $name");
}

for my $row (@varies) {
    my ($name, undef, $said) = @$row;
    my $uri = "/api/v2/users/auth0%7C$name";

    is(lines($t->get($uri), 'Vary'), "Vary: ${said}Origin, Accept-Encoding",
       "U2.5 Vary: $name");
    is(lines($t->get($uri, ':port' => $t->port(2)), 'Vary'),
       join("\n", sort "Vary: ${said}Origin", 'Vary: Accept-Encoding'),
       "U2.5 Vary, gzip_vary on: $name");
}

is(lines($t->get('/api/v2/users/auth0%7Colder'), 'Expires|[^:]*-Control'),
   'Cache-Control: no-cache', 'U2.5 what speaks to older caches, or to some');


# Each kind of answer

my @calls = (
    ['GET',    '/api/v2/users/auth0%7C1', 200],
    ['HEAD',   '/api/v2/users/auth0%7C1', 200],
    ['GET',    '/api/v2/users', 200],
    ['GET',    '/api/v2/users?include_totals=true', 200],
    ['GET',    '/api/v2/users-by-email?email=a@b.c', 200],
    ['GET',    '/api/v2/users/auth0%7C1/logs', 200],
    ['GET',    '/api/v2/users/auth0%7Cbig', 200],
    ['GET',    '/api/v2/users/auth0%7Cbad', 502],
    ['GET',    '/api/v2/users/auth0%7C404', 404],
    ['GET',    '/api/v2/users/auth0%7C429', 429],
    ['GET',    '/api/v2/users/auth0%7C500', 502],
    ['GET',    '/api/v2/users/auth0%7C101', 502],
    ['GET',    '/api/v2/users/', 404],
    ['GET',    '/api/v2/users?per_page=x', 400],
    ['GET',    '/api/v2/users-by-email', 400],
    ['GET',    '/api/v2/clients', 404],
    ['PUT',    '/api/v2/users/auth0%7C1', 404],
    ['DELETE', '/api/v2/users/auth0%7C1', 204],
    ['DELETE', '/api/v2/users/auth0%7C404', 204],
    ['PATCH',  '/api/v2/users/auth0%7C1', 200, '{"user_metadata":{"a":1}}'],
    ['PATCH',  '/api/v2/users/auth0%7C404', 404, '{"user_metadata":{"a":1}}'],
    ['PATCH',  '/api/v2/users/auth0%7C1', 400, '{"nope":1}'],
    ['PATCH',  '/api/v2/users/auth0%7C1', 400, '{'],
    ['POST',   '/api/v2/users', 201,
     '{"connection":"c","email":"a@b.c","password":"secret-1"}'],
    ['POST',   '/api/v2/tickets/password-change', 201,
     '{"user_id":"auth0|1"}'],
    ['POST',   '/api/v2/jobs/verification-email', 201,
     '{"user_id":"auth0|1"}'],
);

for my $call (@calls) {
    my ($method, $uri, $status, $body) = @$call;

    my $r = $t->request($method, $uri,
                        $body ? ('Content-Type' => 'application/json',
                                 ':body' => $body) : ());

    is($r->status, $status, "U2.5 $method $uri: the status");
    is(said($r), $plain, "U2.5 $method $uri, $status");
}

is($t->http2_request('GET', '/api/v2/users/auth0%7C1')
     ->header('cache-control'), 'no-cache', 'U2.5 HTTP/2');


# Conditions work as they did

my $tagged = $t->get('/api/v2/users/auth0%7Ctag');
my $same = $t->get('/api/v2/users/auth0%7Ctag',
                   'If-None-Match' => $tagged->header('ETag'));

is($same->status, 304, 'U2.5 a tag is confirmed');
is(said($same), said($tagged), 'U2.5 304: the same as its 200');
is(said($same),
   "Cache-Control: no-cache\nVary: Accept, Origin, Accept-Encoding",
   'U2.5 304');


# What the operator says comes on top, and all else stays as it is

my %port = (':port' => $t->port(3));

for my $name ('nothing', 'public', 'store') {
    is(lines($t->get("/expires/auth0%7C$name", %port), 'Cache-Control'),
       'Cache-Control: max-age=3600', "U2.5 expires: $name");
    like(lines($t->get("/added/auth0%7C$name", %port), 'Cache-Control'),
         qr/^Cache-Control:[ ].*no-cache\nCache-Control:[ ]private\z/x,
         "U2.5 add_header: $name");
}

for my $uri ('/v1/auth0%7Ctag', '/if/auth0%7Ctag', '/dry/auth0%7Ctag') {
    is(said($t->get($uri, %port)),
       "Cache-Control: public, max-age=60\nVary: Accept", "U2.5 $uri");
}

is(said($t->get('/if/auth0%7Cnothing?v2=1', %port)), $plain, 'U2.5 if=1');

for my $name (map { $_->[0] } @says, @varies) {
    my @heads = map { $t->get("/api/users/auth0%7C$name",
                              ':port' => $t->port($_))->raw_head
                      =~ s/^Date:.*\r\n//mr }
                    0, 4;

    is($heads[0], $heads[1], "U2.5 v1 is as it was: $name");
}

done_testing;
