#!/usr/bin/perl

# Proves that v1 and v2 of a profile, and v2 by two schemas, are never taken for
# each other by a cache: a response that is rewritten has an entity tag of its
# own, and what a client asks with goes up as the upstream's own tag, or not at
# all.  It fails when a 304 confirms what is kept of another representation,
# when a write goes up without the condition that was set, and when a client
# can never hit its own cache.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;

my $DATE = 'Mon, 21 Oct 2013 20:13:21 GMT';
my $SUFFIX = qr/~v2[sw][0-9a-f]{16}/;

my $v1 = '{"user_id":"a|1","access_token":"t0","plan":"full",'
         . '"identities":[{"provider":"a","access_token":"t1"}]}';


# A backend that compares as a simple one does: the header is its tag, to the
# byte.  The tag is in the path: strong, weak, none, odd, two; so is "text".

my %tags = (strong => '"e"', weak => 'W/"e"', empty => '""', comma => '"a,b"',
            odd => 'e', two => '"e" "f"', space => '"a b"',
            chained => '"e~v2s0123456789abcdef"');

my $date = 1;

sub answer {
    my ($conn, $request) = @_;

    my ($headers, $uri) = ($request->{headers}, $request->{uri});
    my ($tag) = map { $tags{$_} } $uri =~ m{/(\w+)(?:\?|\z)};
    my ($none, $match) = @{$headers}{qw(if-none-match if-match)};

    my @validators = (defined $tag ? (ETag => $tag) : (),
                      $date ? ('Last-Modified' => $DATE) : (),
                      'X-V2' => ($headers->{accept} // '') eq 'v2' ? 1 : 0);

    return { status => 412, body => '{}', headers => \@validators }
        if defined $match && $match ne '*' && $match ne ($tag // '');

    if ($request->{method} =~ /\A(?:GET|HEAD)\z/) {
        return { status => 304, headers => \@validators }
            if $uri =~ /always/
               || (defined $none ? $none eq '*' || $none eq ($tag // '')
                   : ($headers->{'if-modified-since'} // '') eq $DATE);

    } elsif (defined $none && ($none eq '*' || $none eq ($tag // ''))) {
        return { status => 412, body => '{}', headers => \@validators };
    }

    return { status => 204, body => '', headers => \@validators }
        if $uri =~ /empty_answer/;

    return { type => $uri =~ /text/ ? 'text/plain' : 'application/json',
             status => $uri =~ /down/ ? 503 : 200,
             body => $v1, headers => \@validators };
}

my $backend = $t->backend({ '*' => \&answer });

sub conf {
    my ($schema) = @_;

    $t->conf(<<"END");
    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;

    profile_schema a {
        identity email;
        identity_drop access_token;
        drop access_token;
        $schema
    }

    profile_schema b {
        identity email;
        drop access_token plan;
    }

    map \$http_accept \$wants_v2 {
        v2      1;
        default 0;
    }

    map "\$http_accept" \$by_regex {
        "~^(v)2"  1;
        default   0;
    }

    map \$upstream_http_x_v2 \$late_map {
        1       1;
        default 0;
    }

    map \$sent_http_x_v2 \$late_sent {
        1       1;
        default 0;
    }

    map \$status \$late_status {
        200     1;
        default 0;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        proxy_http_version 1.1;
        proxy_set_header Connection "";
        add_header X-Reason \$profile_reason always;
        add_header X-Action \$profile_action always;

        proxy_set_header Range "";
        proxy_set_header If-Range "";

        location /v2/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite a;
        }

        location /other/ {
            proxy_pass http://%%BACKEND%%/v2/;
            profile_rewrite b;
        }

        location /types/ {
            proxy_pass http://%%BACKEND%%/v2/;
            profile_rewrite a;
            profile_types application/json text/plain;
        }

        location /api/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite a api=v2;
            profile_list page=\$arg_page totals=\$arg_totals
                         match=user_id:\$arg_match;
            profile_fields \$arg_fields exclude=\$arg_include;
        }

        location /same/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite a if=\$wants_v2;
        }

        location ~ ^/regex/(\\w+) {
            proxy_pass http://%%BACKEND%%/v2/\$1;
            profile_rewrite a if=\$by_regex;
        }

        location /late/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite a if=\$upstream_http_x_v2;

            location /late/map/ {
                proxy_pass http://%%BACKEND%%;
                profile_rewrite a if=\$late_map;
            }

            location /late/sent/ {
                proxy_pass http://%%BACKEND%%;
                profile_rewrite a if=\$late_sent;
            }

            location /late/status/ {
                proxy_pass http://%%BACKEND%%;
                profile_rewrite a if=\$late_status;
            }

            location /late/fields/ {
                proxy_pass http://%%BACKEND%%;
                profile_rewrite a;
                profile_fields \$upstream_http_x_fields;
            }
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%;
            proxy_cache cache;
            proxy_cache_key \$uri;
            proxy_cache_valid 200 1h;
            profile_rewrite a if=\$wants_v2;
            add_header X-Cache \$upstream_cache_status always;

            location /cache/revalidate/ {
                proxy_pass http://%%BACKEND%%;
                proxy_cache_valid 200 1s;
                proxy_cache_revalidate on;
            }
        }

        location /file/ {
            alias %%DIR%%/html/;
            default_type application/json;
            profile_rewrite a if=\$wants_v2;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite a;
            profile_rewrite_dry_run on;
        }

        # Another location answers, of another kind.

        location /redirect/ {
            proxy_pass http://%%BACKEND%%/v2/down?;
            proxy_intercept_errors on;
            profile_rewrite a;

            location /redirect/v1/ {
                proxy_pass http://%%BACKEND%%/v2/down?;
                error_page 503 = \@v1;
            }

            location /redirect/b/ {
                proxy_pass http://%%BACKEND%%/v2/down?;
                error_page 503 = \@b;
            }
        }

        location \@v1 {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite off;
        }

        location \@b {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite b;
        }

        location /ssi/ {
            ssi on;
            alias %%DIR%%/html/;
        }

        location /forced/ {
            proxy_pass http://%%BACKEND%%/v2/;
            proxy_set_header If-None-Match "\\"e\\"";
            profile_rewrite a;
        }

        location /v1/ {
            proxy_pass http://%%BACKEND%%;
        }
    }
END
}

conf('');
$t->write_file('html/user.json', $v1);
$t->write_file('html/page.html', '<!--#include virtual="/v2/strong" -->');
$t->start;

my ($r, $request);

sub ask {
    my ($method, $uri, @headers) = @_;

    $backend->forget;
    $r = $t->request($method, $uri, @headers);
    ($request) = $backend->requests;
}

sub up {
    my ($name) = @_;

    return $request ? $request->{headers}{$name} : 'no request';
}

sub tag_of {
    my ($uri, @headers) = @_;

    return $t->get($uri, @headers)->header('etag');
}

# Of a tag: what it is without a weakness, and with one.

sub strong { return $_[0] =~ s{\AW/}{}r }
sub weak { return 'W/' . strong($_[0]) }


# H2.2: the tag that goes down

for my $case ([ strong => qr{\AW/"e~v2s[0-9a-f]{16}"\z} ],
              [ weak => qr{\AW/"e~v2w[0-9a-f]{16}"\z} ],
              [ empty => qr{\AW/"~v2s[0-9a-f]{16}"\z} ],
              [ comma => qr{\AW/"a,b~v2s[0-9a-f]{16}"\z} ],
              [ space => qr{\AW/"a b~v2s[0-9a-f]{16}"\z} ],
              [ chained => qr{\AW/"e${SUFFIX}${SUFFIX}"\z} ])
{
    my ($kind, $want) = @$case;

    like(tag_of("/v2/$kind"), $want, "H2.2 the tag is its own: $kind");
    is($t->head("/v2/$kind")->header('etag'), tag_of("/v2/$kind"),
       "H2.2 HEAD has the same: $kind");
    is(tag_of("/v1/$kind"), $tags{$kind}, "H2.2 v1 has the upstream's: $kind");
    is(tag_of("/dry/$kind"), $tags{$kind}, "H2.2 in a dry run: $kind");
    is(tag_of("/same/$kind"), $tags{$kind}, "H2.2 with another if=: $kind");
    like(tag_of("/same/$kind", Accept => 'v2'), $want,
         "H2.2 with this if=: $kind");
    is($t->http2_request('GET', "/v2/$kind")->header('etag'),
       tag_of("/v2/$kind"), "H2.2 HTTP/2: $kind");
}

is(tag_of('/v2/odd'), undef, 'H2.2 what is no tag goes');
is(tag_of('/v2/two'), undef, 'H2.2 what is two tags goes');
is(tag_of('/v2/none'), undef, 'H2.2 none stays none');
is($t->get('/v2/strong')->header('last-modified'), undef, 'H2.2 no date');
is($t->head('/v2/none')->header('last-modified'), undef, 'H2.2 no date, HEAD');
is($t->get('/file/user.json', Accept => 'v2')->header('last-modified'), undef,
   'H2.2 no date of a file');
is($t->get('/same/strong')->header('last-modified'), $DATE,
   'H2.2 v1 has its date');

like(tag_of('/v2/text/strong'), qr{\A"e$SUFFIX"\z},
     'H2.2 what is not rewritten stays strong');
is($t->request('PUT', '/v2/empty_answer/strong')->header('etag'), '"e"',
   'H1.2 a 204 is untouched');
is($t->get('/v2/always/strong')->header('etag'), '"e"',
   'H1.2 so is a 304 that nobody has asked for');


# H2.2: what it depends on

my %seen;

for my $uri ('/v2/strong', '/other/strong', '/types/strong', '/api/strong',
             map { "/api/strong?$_" }
                 'fields=email', 'fields=name', 'fields=email,name',
                 'fields=email&include=false', 'match=b', 'match=c')
{
    my $tag = tag_of($uri);

    is($seen{$tag}, undef, "H2.2 another tag: $uri");
    $seen{$tag} = $uri;
}

is(tag_of('/api/strong?x=1'), tag_of('/api/strong'),
   'H2.2 not on what changes nothing');
is(tag_of('/same/strong', Accept => 'v2'), tag_of('/v2/strong'),
   'H2.2 not on if=');
is(tag_of('/api/strong?totals=true'), undef,
   'H2.2 a list with totals has no tag');
is($t->get('/api/strong?totals=true')->header('last-modified'), undef,
   'H2.2 nor a date');


# H2.6: what goes up, and what comes back

my %own = map { $_ => tag_of("/v2/$_") } qw(strong weak comma space chained);
my $other = tag_of('/other/strong');
my $stale = $own{strong} =~ s/"e/"d/r;

my @rows = (
    # stored      header                       status  goes up

    [ 'strong',   $own{strong},                  304, '"e"' ],
    [ 'strong',   strong($own{strong}),          304, '"e"' ],
    [ 'weak',     $own{weak},                    304, 'W/"e"' ],
    [ 'weak',     strong($own{weak}),            304, 'W/"e"' ],
    [ 'comma',    $own{comma},                   304, '"a,b"' ],
    [ 'space',    $own{space},                   304, '"a b"' ],
    [ 'chained',  $own{chained},                 304, $tags{chained} ],
    [ 'strong',   "  $own{strong}\t",            304, '"e"' ],
    [ 'strong',   "\"x\", $own{strong}",         304, '"e"' ],
    [ 'strong',   "$own{strong},\"x\"",          304, '"e"' ],
    [ 'strong',   ",, $own{strong} ,",           304, '"e"' ],
    [ 'strong',   "$other, $own{strong}",        304, '"e"' ],
    [ 'strong',   "x y, $own{strong}",           304, '"e"' ],
    [ 'strong',   "\"\", $own{strong}",          304, '"e"' ],
    [ 'strong',   '*',                           304, '*' ],
    [ 'strong',   ' * ',                         304, '*' ],

    [ 'strong',   "$stale, $own{strong}",        200, '"d", "e"' ],
    [ 'strong',   $stale,                        200, '"d"' ],
    [ 'strong',   '"e"',                         200, undef ],
    [ 'strong',   'W/"e"',                       200, undef ],
    [ 'weak',     'W/"e"',                       200, undef ],
    [ 'strong',   $other,                        200, undef ],
    [ 'strong',   "\"e\", $other",               200, undef ],
    [ 'strong',   '*, "e"',                      200, undef ],
    [ 'strong',   'e',                           200, undef ],
    [ 'strong',   '"e',                          200, undef ],
    [ 'strong',   "$own{strong} x",              200, undef ],
    [ 'strong',   "$own{strong}\"e\"",           200, undef ],
    [ 'strong',   'w/' . strong($own{strong}),   200, undef ],
    [ 'strong',   substr($own{strong}, 0, -1),   200, undef ],
    [ 'strong',   uc strong($own{strong}),       200, undef ],
    [ 'strong',   $own{strong} =~ s/~v2s/~v2x/r, 200, undef ],
    [ 'strong',   $own{strong} =~ s/~v2/~v3/r,   200, undef ],
    [ 'strong',   $own{strong} =~ s/.(?="\z)//r, 200, undef ],
    [ 'strong',   '',                            200, undef ],
    [ 'strong',   ',',                           200, undef ],
    [ 'none',     $own{strong},                  200, '"e"' ],
);

for my $row (@rows) {
    my ($kind, $header, $status, $up) = @$row;

    for my $method (qw(GET HEAD)) {
        ask($method, "/v2/$kind", 'If-None-Match' => $header);

        my $name = "H2.6 $method $kind, $header";

        is($r->status, $status, "$name: status");
        is(up('if-none-match'), $up, "$name: goes up");
        ok($r->complete, "$name: whole");
        is($r->header('last-modified'), undef, "$name: no date");
        unlike($r->body, qr/access_token/, "$name: no token");

        my $own = $kind eq 'none' ? undef : $own{$kind};

        $own = strong($own) if $status == 304 && $header !~ m{W/|\*};

        is($r->header('etag'), $own, "$name: the tag of the 200");
    }
}


# What is not rewritten in scope: the 304 has the tag of the 200 too.

my $text = tag_of('/v2/text/strong');

ask('GET', '/v2/text/strong', 'If-None-Match' => $text);
is($r->status, 304, 'H2.6 another type: 304');
is($r->header('etag'), $text, 'H2.6 another type: the tag of the 200');
is(up('if-none-match'), '"e"', 'H2.6 another type: goes up');

isnt(tag_of('/types/text/strong'), $text, 'H2.6 unless its type is rewritten');


# H2.6: dates

for my $headers ([ 'If-Modified-Since' => $DATE ],
                 [ 'If-Unmodified-Since' => $DATE ],
                 [ 'If-Modified-Since' => $DATE, 'If-None-Match' => '"e"' ],
                 [ 'If-Modified-Since' => $DATE, 'If-None-Match' => $stale ])
{
    for my $uri ('/v2/strong', '/v2/none') {
        ask('GET', $uri, @$headers);

        is($r->status, 200, "H2.6 @$headers: $uri");
        is(up('if-modified-since'), undef, "H2.6 @$headers, not up: $uri");
        is(up('if-unmodified-since'), undef, "H2.6 @$headers, not up: $uri");
        unlike($r->body, qr/access_token/, "H2.6 @$headers, v2: $uri");
    }
}

ask('GET', '/v2/strong', 'If-Modified-Since' => $DATE,
    'If-None-Match' => $own{strong});
is($r->status, 304, 'H2.6 a tag beside a date');

ask('GET', '/v1/strong', 'If-Modified-Since' => $DATE);
is($r->status, 304, 'H1.2 v1 dates are untouched');

ask('GET', '/dry/strong', 'If-None-Match' => '"e"',
    'If-Modified-Since' => $DATE);
is($r->status, 304, 'H2.6 a dry run is v1');
is(up('if-modified-since'), $DATE, 'H2.6 a dry run is v1: its date');


# H2.6: one URL for both

for my $base ('/same', '/regex') {
    my $uri = "$base/strong";
    my $v2 = tag_of($uri, Accept => 'v2');

    ask('GET', $uri, Accept => 'v2', 'If-None-Match' => '"e"');
    is($r->status, 200, "H2.6 v1's tag, asked for v2: $uri");
    unlike($r->body, qr/access_token/, "H2.6 v1's tag, the answer is v2: $uri");
    is(up('if-none-match'), undef, "H2.6 v1's tag does not go up: $uri");

    ask('GET', $uri, Accept => 'v2', 'If-Modified-Since' => $DATE);
    is($r->status, 200, "H2.6 v1's date, asked for v2: $uri");

    ask('GET', $uri, Accept => 'v1', 'If-None-Match' => $v2);
    is($r->status, 200, "H2.6 v2's tag, asked for v1: $uri");
    is($r->body, $v1, "H2.6 v2's tag, the answer is v1: $uri");
    is(up('if-none-match'), undef, "H2.6 v2's tag does not go up: $uri");

    ask('GET', $uri, Accept => 'v1', 'If-None-Match' => $v2,
        'If-Modified-Since' => $DATE);
    is($r->status, 200, "H2.6 v2's tag and a date, asked for v1: $uri");

    ask('GET', $uri, Accept => 'v1', 'If-None-Match' => '"e"');
    is($r->status, 304, "H2.6 v1's tag, asked for v1: $uri");
    is($r->header('etag'), '"e"', "H2.6 v1's 304 is untouched: $uri");

    ask('GET', $uri, Accept => 'v1', 'If-None-Match' => "$v2, \"e\"");
    is($r->status, 304, "H2.6 both tags, asked for v1: $uri");

    ask('GET', $uri, Accept => 'v2', 'If-None-Match' => "\"e\", $v2");
    is($r->status, 304, "H2.6 both tags, asked for v2: $uri");
    is($r->header('etag'), $v2, "H2.6 both tags, the tag of v2: $uri");
    is(up('if-none-match'), '"e"', "H2.6 both tags, one goes up: $uri");

    is($request->{uri}, $base eq '/regex' ? '/v2/strong' : $uri,
       "H2.6 the groups of the location are kept: $uri");
}

ask('GET', '/same/strong', 'If-None-Match' => '"x"  ,"e', 'If-Match' => '*');
is(up('if-none-match'), '"x"  ,"e', "H1.2 what is v1's goes up as it came");


# H2.6: If-Match

my @matches = (
    # method  path           header                  status  goes up

    [ 'GET',  '/v2/strong',   $own{strong},             200, '"e"' ],
    [ 'PUT',  '/v2/strong',   $own{strong},             200, '"e"' ],
    [ 'PUT',  '/v2/weak',     $own{weak},               200, 'W/"e"' ],
    [ 'PUT',  '/v2/strong',   "\"x\", $own{strong}",    200, '"e"' ],
    [ 'PUT',  '/v2/strong',   '*',                      200, '*' ],
    [ 'DELETE', '/api/strong', tag_of('/api/strong'),   204, '"e"' ],
    [ 'DELETE', '/api/strong', '*',                     204, '*' ],
    [ 'PUT',  '/v2/strong',   $stale,                   412, '"d"' ],
    [ 'PUT',  '/same/strong', '"e"',                    200, '"e"' ],
    [ 'PUT',  '/same/strong', '"e',                     412, '"e' ],

    # ours: nothing goes up at all

    [ 'GET',  '/v2/strong',   '"e"',                    412 ],
    [ 'PUT',  '/v2/strong',   '"e"',                    412 ],
    [ 'PUT',  '/v2/strong',   'W/"e"',                  412 ],
    [ 'PATCH', '/v2/strong',  $other,                   412 ],
    [ 'POST', '/v2/strong',   'e',                      412 ],
    [ 'DELETE', '/v2/strong', '',                       412 ],
    [ 'PUT',  '/v2/strong',   '*, "e"',                 412 ],
    [ 'DELETE', '/api/strong', $own{strong},            412 ],
    [ 'DELETE', '/api/strong', '"e"',                   412 ],
    [ 'PUT',  '/api/strong?totals=true', '"e"',         412 ],
    [ 'PUT',  '/same/strong', $own{strong},             412 ],
    [ 'PUT',  '/late/strong', '"e"',                    412 ],
    [ 'PUT',  '/late/strong', $own{strong},             412 ],
    [ 'PUT',  '/late/map/strong', '"e"',                412 ],
);

for my $row (@matches) {
    my ($method, $uri, $header, $status, $up) = @$row;

    ask($method, $uri, 'If-Match' => $header);

    my $name = "H2.6 $method $uri, If-Match $header";

    is($r->status, $status, "$name: status");
    is(up('if-match'), defined $up ? $up : 'no request', "$name: goes up");

    next if defined $up;

    is($r->header('content-type'), 'application/json', "$name: type");
    like($r->body, qr/"statusCode":412.*"errorCode":"precondition_failed"/,
         "$name: body");
    is($r->header('x-reason'), 'precondition', "$name: reason");
    is($r->header('x-action'), 'blocked', "$name: action");
}

for my $row ([ 'PUT', '/v2/strong', 412, 'If-Unmodified-Since' => $DATE ],
             [ 'PUT', '/late/strong', 412, 'If-Unmodified-Since' => $DATE ],
             [ 'PUT', '/late/strong', 412, 'If-None-Match' => '"e"' ],
             [ 'PUT', '/v2/strong', 200, 'If-None-Match' => '"e"' ],
             [ 'PUT', '/v2/strong', 412, 'If-None-Match' => $own{strong} ],
             [ 'PUT', '/v2/strong', 412, 'If-None-Match' => '*' ],
             [ 'PUT', '/late/strong', 412, 'If-None-Match' => '*' ],
             [ 'PUT', '/v2/strong', 412, 'If-None-Match' => '*',
               'If-None-Match' => '*' ],
             [ 'PUT', '/v2/strong', 412, 'If-None-Match' => '*, "e"' ],
             [ 'PUT', '/v2/strong', 412, 'If-None-Match' => '*,' ],
             [ 'PUT', '/v2/strong', 412, 'If-None-Match' => 'W/*' ],
             [ 'PUT', '/v2/strong', 412, 'If-None-Match' => '"e' ],
             [ 'PUT', '/v2/strong', 200, 'If-Match' => '*',
               'If-Unmodified-Since' => $DATE ],
             [ 'PUT', '/v2/strong', 200, 'If-Modified-Since' => $DATE ],
             [ 'PUT', '/same/strong', 200, 'If-Unmodified-Since' => $DATE ])
{
    my ($method, $uri, $status, @headers) = @$row;

    ask($method, $uri, @headers);
    is($r->status, $status, "H2.6 $method $uri, @headers");
}


# H2.6: an if= that only the upstream's answer decides

for my $base ('/late', '/late/map', '/late/sent', '/late/fields') {
    for my $kind (qw(strong weak)) {
        my $uri = "$base/$kind";
        my $v2 = tag_of($uri, Accept => 'v2');

        like($v2, qr{\AW/"e$SUFFIX"\z}, "H2.6 late: the tag is its own: $uri");

        for my $headers ([ 'If-None-Match' => $v2 ],
                         [ 'If-None-Match' => $tags{$kind} ],
                         [ 'If-Modified-Since' => $DATE ],
                         [ 'If-Match' => $v2 ],
                         [ 'If-Match' => $tags{$kind} ])
        {
            ask('GET', $uri, Accept => 'v2', @$headers);

            is($r->status, 200, "H2.6 late: @$headers: $uri");
            is(up(lc $headers->[0]), undef,
               "H2.6 late, not up: @$headers: $uri");
            unlike($r->body, qr/access_token/,
                   "H2.6 late, v2: @$headers: $uri");
            is($r->header('etag'), $v2, "H2.6 late, tag: @$headers: $uri");
            is($r->header('last-modified'), undef,
               "H2.6 late, no date: @$headers: $uri");
        }

        ask('GET', $uri, Accept => 'v2', 'If-None-Match' => '*');
        is($r->status, 304, "H2.6 late: *: $uri");
    }
}

for my $base ('/late', '/late/map', '/late/sent') {
    ask('GET', "$base/strong", Accept => 'v1', 'If-None-Match' => '"e"');
    is($r->status, 200, "H2.6 late, v1: $base");
    is($r->body, $v1, "H2.6 late, v1 as it was: $base");
    is($r->header('etag'), '"e"', "H2.6 late, v1's tag: $base");
    is($r->header('last-modified'), $DATE, "H2.6 late, v1's date: $base");

    ask('GET', "$base/always/strong", Accept => 'v1',
        'If-None-Match' => $own{strong});
    is($r->status, 502, "H2.6 late, v1: a 304 that is wrong: $base");
}

ask('GET', '/late/status/strong', 'If-None-Match' => '"e"');
is($r->status, 200, 'H2.6 late by status');
unlike($r->body, qr/access_token/, 'H2.6 late by status: v2');


# H2.6: who confirms what he was not asked

for my $case ([ '/v2/always/strong', 'If-None-Match' => '"e"' ],
              [ '/v2/always/strong', 'If-None-Match' => $stale ],
              [ '/v2/always/strong', 'If-Modified-Since' => $DATE ],
              [ '/api/always/strong', 'If-None-Match' => '"e"' ],
              [ '/late/always/strong', 'If-None-Match' => $own{strong} ],
              [ '/forced/strong', 'If-None-Match' => '"e"' ],
              [ '/forced/strong', 'If-None-Match' => $stale ])
{
    my ($uri, @headers) = @$case;

    for my $method (qw(GET HEAD)) {
        ask($method, $uri, Accept => 'v2', @headers);

        is($r->status, 502, "H2.6 $method: a 304 that is wrong: @$case");
        is($r->header('etag'), undef, "H2.6 $method: no tag of it: @$case");
        ok($r->complete, "H2.6 $method: whole: @$case");
    }
}

ask('GET', '/v2/always/none', 'If-None-Match' => $own{strong});
is($r->status, 304, 'H2.6 a 304 without a tag');


# H2.6: caches

for my $kind (qw(strong weak)) {
    my $uri = "/cache/$kind";
    my $v2 = tag_of($uri, Accept => 'v2');

    is($v2, $own{$kind}, "H2.2 from the cache: $uri");

    for my $row ([ 'v2', 304, $v2, 'If-None-Match' => $v2 ],
                 [ 'v2', 200, $v2, 'If-None-Match' => $tags{$kind} ],
                 [ 'v2', 200, $v2, 'If-Modified-Since' => $DATE ],
                 [ 'v2', 304, $v2, 'If-None-Match' => "\"x\", $v2" ],
                 [ 'v1', 304, $tags{$kind}, 'If-None-Match' => $tags{$kind} ],
                 [ 'v1', 304, $tags{$kind}, 'If-Modified-Since' => $DATE ],
                 [ 'v1', 200, $tags{$kind}, 'If-None-Match' => $v2 ])
    {
        my ($accept, $status, $tag, @headers) = @$row;

        for my $method (qw(GET HEAD)) {
            ask($method, $uri, Accept => $accept, @headers);

            my $name = "H2.6 cache, $accept, $method @headers: $uri";

            is($r->header('x-cache'), 'HIT', "$name: hit");
            is($r->status, $status, "$name: status");
            is($r->header('etag'), $tag, "$name: tag");
        }
    }

    ask('GET', $uri, Accept => 'v2', 'If-Match' => '"e"');
    is($r->status, 412, "H2.6 cache, If-Match: $uri");
}

$date = 0;

my $uri = '/cache/revalidate/strong';
my $v2 = tag_of($uri, Accept => 'v2');

$t->wait(sub {
    ask('GET', $uri, Accept => 'v2', 'If-None-Match' => $v2);

    return $r->header('x-cache') eq 'REVALIDATED';
});

is($r->header('x-cache'), 'REVALIDATED', 'H2.6 cache, revalidated');
is($r->status, 304, 'H2.6 cache, revalidated: not modified');
is($r->header('etag'), $v2, 'H2.6 cache, revalidated: tag');
is(up('if-none-match'), '"e"', 'H2.6 cache, revalidated: by what it has');

for my $accept (qw(v1 v2)) {
    my $uri = '/file/user.json';
    my $tag = tag_of($uri, Accept => $accept);

    is($t->get($uri, Accept => $accept, 'If-None-Match' => $tag)->status, 304,
       "H2.6 a file, $accept");
    is($t->get($uri, Accept => $accept eq 'v1' ? 'v2' : 'v1',
               'If-None-Match' => $tag)->status, 200,
       "H2.6 a file, asked as the other than $accept");
}


# H2.6: another location answers

ask('GET', '/redirect/v1/strong', 'If-None-Match' => $own{strong});

my @requests = $backend->requests;

is($requests[0]{headers}{'if-none-match'}, '"e"', 'H2.6 redirect: first');
is($requests[1]{headers}{'if-none-match'}, $own{strong},
   'H2.6 redirect: v1 gets what the client sent');
is($r->status, 200, 'H2.6 redirect: not what the client has');
is($r->body, $v1, 'H2.6 redirect: v1');

ask('GET', '/redirect/v1/strong', 'If-None-Match' => '"e"');
is($r->status, 304, "H2.6 redirect: v1's own tag");

for my $row ([ $other, 304 ], [ $own{strong}, 200 ], [ '"e"', 200 ],
             [ "$own{strong}, $other", 304 ])
{
    ask('GET', '/redirect/b/strong', 'If-None-Match' => $row->[0]);
    is($r->status, $row->[1], "H2.6 redirect to another schema: $row->[0]");
    is($r->header('etag'), $other, "H2.6 redirect: its tag: $row->[0]");
}


# Subrequests are no answers: what they include is whole.

ask('GET', '/ssi/page.html', 'If-None-Match' => $own{strong});
is($r->status, 200, 'H2.6 SSI');
like($r->body, qr/user_metadata/, 'H2.6 SSI: v2');
is($r->header('etag'), undef, 'H2.6 SSI: no tag of a part');


# HTTP/2, and lines that nginx itself refuses

is($t->http2_request('GET', '/v2/strong', 'If-None-Match' => $own{strong})
     ->status, 304, 'H2.6 HTTP/2');
is($t->http2_request('GET', '/v2/strong', 'If-None-Match' => '"e"')->status,
   200, 'H2.6 HTTP/2, v1');
is($t->http2_request('PUT', '/v2/strong', 'If-Match' => '"e"')->status, 412,
   'H2.6 HTTP/2, If-Match');

for my $name (qw(If-None-Match If-Match)) {
    $backend->forget;
    $r = $t->http("GET /v2/strong HTTP/1.1\r\nHost: a\r\n"
                  . "$name: \"e\"\r\n$name: $own{strong}\r\n\r\n");
    is($r->status, 400, "H2.6 two lines of $name");
    is(scalar $backend->requests, 0, "H2.6 two lines of $name: no request");
}


# H2.2: the schema changes

sub change {
    my ($schema) = @_;

    my @old = $t->workers;

    conf($schema);

    return $t->reload && $t->wait_gone(@old);
}

my $before = $own{strong};

ok(change("user_metadata hobby;\n# A comment is no change."), 'reloaded');

my $after = tag_of('/v2/strong');

isnt($after, $before, 'H2.2 another schema, another tag');
is($t->get('/v2/strong', 'If-None-Match' => $before)->status, 200,
   'H2.6 what was kept of the old schema is not confirmed');
is($t->request('PUT', '/v2/strong', 'If-Match' => $before)->status, 412,
   'H2.6 nor written upon');
is($t->get('/v2/strong', 'If-None-Match' => $after)->status, 304,
   'H2.6 what was kept of the new one is');
is(tag_of('/other/strong'), $other, 'H2.2 the other schema has not changed');

ok(change('# All is as it was.'), 'reloaded again');
is(tag_of('/v2/strong'), $before, 'H2.2 the tag is the same in all processes');

done_testing;
