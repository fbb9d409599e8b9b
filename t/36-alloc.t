#!/usr/bin/perl

# Proves that an allocation that fails harms nobody, whichever it is: of each
# kind of request the N-th fails, for every N, alone and with all that follow
# to the end of the request.  The client then gets what it always gets, an
# error, or the connection is closed within it; never a byte of v1, never a
# part of a body as if it were whole.  What goes up to the backend is what
# always goes up, or the beginning of it.  The next request works.  That
# nothing leaks is seen by the sanitizer and valgrind.  HTTP/2 and SSI are left
# out: there nginx itself lets a client wait when it has no memory.
#
# It needs the module t/nginx/ngx_http_fail_module.c, which is linked into the
# nginx of "make test-asan", "make test-valgrind" and "make coverage".

use lib 't/lib';
use ProfileTest;

if (ProfileTest::version_text() !~ m{/t/nginx\b}) {
    plan(skip_all => 'this nginx cannot be made to fail: make test-asan');
}

# What nginx and this module say of it is no trouble.

my $t = ProfileTest->new(
    log => 'info',
    allow => [ qr/\[emerg\].* failed \(12: Cannot allocate memory\)/ ]);

# A user as v1, and what of it v2 never shows.

sub v1 {
    my ($n) = @_;

    return qq({"_id":"secret","user_id":"auth0|$n","email":"u$n\@x.org",)
           . '"identities":[{"provider":"facebook","user_id":"1",'
           . '"access_token":"secret"}],"fb_\u0061":1,"lastLogin":"x",'
           . '"age_range":{"min":21},"plan":"full","um_hobby":"surf"}';
}

my $list = '[' . join(',', map { v1($_) } 1 .. 40) . ']';
my $stored = v1(4) =~ s/\}\z/,"blocked":false,"email_verified":true}/r;
my $ok = { type => 'text/plain', body => 'OK' };

my $backend = $t->backend({
    '/one'     => v1(1),
    '/gzip'    => { body => $list, gzip => 1 },
    '/chunked' => { body => $list, framing => 'chunked', chunk => 999,
                    headers => [ ETag => '"e"', Digest => 'x',
                                 'Accept-Ranges' => 'bytes' ] },
    '/bad'     => '{"user_id":"auth0|1",}',
    '/late'    => "$list}",
    '/cut'     => { body => $list, cut => 3000 },
    '/text'    => { type => 'text/plain', body => 'no JSON' },
    '/none'    => { status => 404, body => '{"error":"none"}' },
    '/range'   => { status => 206, body => v1(1),
                    headers => [ 'Content-Range' => 'bytes 0-1/2' ] },
    '/api/users' => sub {
        my ($conn, $request) = @_;

        return { body => $request->{uri} =~ /&page=[1-9]/ ? '[]' : $list,
                 headers => [ 'X-Total-Count' => 77 ] };
    },
    '/api/users/' => v1(3),
    '/api/users/auth0%7C1' => sub {
        my ($conn, $request) = @_;

        return $request->{method} eq 'DELETE' ? $ok : v1(1);
    },
    '/api/users/auth0%7C1/metadata' => v1(1),
    '/api/users/auth0%7C4' => { body => $stored, headers => [ ETag => '"e"' ] },
    '/api/users/auth0%7C4/metadata' => {
        body => '{"plan":"full","am_x":1,"um_hobby":"surf"}' },
    '/api/users/auth0%7C4/email' => $ok,
    '/api/users/auth0%7C5/metadata' => '[1]',
    '/api/users/auth0%7C1/logs' => $list,
    '/api/users/auth0%7C1/email' => $ok,
    '/api/users/auth0%7C2/email' => $ok,
    '/api/users/auth0%7C2/metadata' => {
        status => 409, gzip => 1, headers => [ 'Retry-After' => '9' ],
        body => '{"code":"user_exists","error":"Conflict",'
                . '"detail":"The user exists."}' },
    '/api/users/auth0%7C3/metadata' => { status => 302, headers => [
                                         Location => '/elsewhere' ] },
    '*' => $ok,
});

$t->conf(<<'END');
    include profile/auth0.conf;

    map $http_origin $profile_cors_origin {
        default        "";
        "https://a.b"  $http_origin;
    }

    upstream profile_backend {
        server %%BACKEND%%;
    }

    profile_zone alloc 256k key=$server_name$http_x_key;
    profile_metrics alloc;

    log_format alloc '$profile_action $profile_reason $profile_users '
                     '$profile_blocked_attributes $profile_calls '
                     '$profile_applied $profile_call_body';

    add_header X-Failed $fail_failed always;

    # Small blocks of a pool are all used up, so that each new part of a
    # response takes one.

    output_buffers 4 1k;
    proxy_buffers 8 1k;
    proxy_buffer_size 1k;

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log alloc;
        server_name gateway;

        include profile/cors.conf;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;
        access_log %%DIR%%/access.log alloc;
        server_name plain;
        profile_buffer_size 4k;

        location / {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 if=$uri;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_rewrite_dry_run on;
            profile_guard auth0 mode=v2;
            profile_guard_dry_run on;
        }

        location /guard/ {
            client_body_buffer_size 16;
            proxy_pass http://%%BACKEND%%/;
            profile_guard auth0 mode=v2 if=$uri;
        }

        location = /metrics {
            profile_metrics off;
            profile_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        access_log %%DIR%%/access.log alloc;
        server_name exact;

        profile_exact /.profile/bag;
        include profile/gateway.conf;
    }
END

$t->start;

my ($worker) = $t->workers;

# The cases: a name, the port, method, URI, headers and body.

my @json = ('Content-Type' => 'application/json', ':body');
my $write = '{"email":"n@x.org","user_metadata":{"a":1,"b":{"c":[null]}},'
            . '"app_metadata":{"fb_x":null,"\u0061b":"c"},"connection":"x"}';

my $tag = $t->get('/api/v2/users/auth0%7C4')->header('ETag');
my $exact = $t->get('/api/v2/users/auth0%7C4', ':port' => $t->port(2))
            ->header('ETag');
my @known = ('If-Match' => $tag, @json);
my @four = (0, 'PATCH', '/api/v2/users/auth0%7C4');

my @cases = (
    [ 'a user', 1, 'GET', '/one' ],
    [ 'a list, packed', 1, 'GET', '/gzip' ],
    [ 'a list in chunks', 1, 'GET', '/chunked' ],
    [ 'a user to HEAD', 1, 'HEAD', '/one' ],
    [ 'an error at once', 1, 'GET', '/bad' ],
    [ 'an error in the middle', 1, 'GET', '/late' ],
    [ 'a list that is cut', 1, 'GET', '/cut' ],
    [ 'a text', 1, 'GET', '/text' ],
    [ 'a status', 1, 'GET', '/none' ],
    [ 'a part', 1, 'GET', '/range' ],
    [ 'a new key', 1, 'GET', '/one', 'X-Key' => 'new' ],
    [ 'a dry run', 1, 'PATCH', '/dry/gzip', @json, '{"picture":1}' ],
    [ 'a failure in a dry run', 1, 'GET', '/dry/bad' ],

    [ 'a write allowed', 1, 'PATCH', '/guard/one', @json, $write ],
    [ 'a write refused', 1, 'PATCH', '/guard/one', @json,
      '{"picture":1,"user_id":2,"fb_x":3,"a\u0022\n":4,"email":"n@x.org"}' ],
    [ 'a write refused by its name', 1, 'PATCH', '/guard/one', @json,
      '{"user_metadata":{"a.b":1}}' ],
    [ 'a write that is no JSON', 1, 'PATCH', '/guard/one', @json, '{"a":}' ],
    [ 'a write without a body', 1, 'PATCH', '/guard/one' ],
    [ 'a write of another type', 1, 'PATCH', '/guard/one',
      'Content-Type' => 'text/plain', ':body' => '{"a":1}' ],

    [ 'GET of the gateway', 0, 'GET', '/api/v2/users/auth0%7C1?fields=email' ],
    [ 'a list of the gateway', 0, 'GET',
      '/api/v2/users?include_totals=true&per_page=50&page=0&fields=user_id,x' ],
    [ 'a list of a connection', 0, 'GET', '/api/v2/users?connection=a&q=b' ],
    [ 'a search', 0, 'GET', '/api/v2/users?include_totals=true'
      . '&q=app_metadata.plan:full%20AND%20name:x%20OR%20email:"u2@x.org"' ],
    [ 'a narrow search', 0, 'GET', '/api/v2/users?q=email:"u2@x.org"' ],
    [ 'a search that is none', 0, 'GET', '/api/v2/users?q=x' ],
    [ 'an order', 0, 'GET', '/api/v2/users?sort=email:-1&per_page=3' ],
    [ 'a bad argument', 0, 'GET', '/api/v2/users?page=x%41' ],
    [ 'users by e-mail', 0, 'GET', '/api/v2/users-by-email?email=u1%40x.org' ],
    [ 'a path that strays', 0, 'GET',
      '/api/v2/users/x%2F..%2F..%2F..%2Fusers%2Fauth0%7C1' ],
    [ 'a path that is not there', 0, 'GET', '/api/v2/other' ],
    [ 'PATCH', 0, 'PATCH', '/api/v2/users/auth0%7C1', @json, $write ],
    [ 'PATCH of nothing', 0, 'PATCH', '/api/v2/users/auth0%7C1', @json, '{}' ],
    [ 'PATCH that fails in the middle', 0, 'PATCH',
      '/api/v2/users/auth0%7C2', @json, $write ],
    [ 'PATCH that is redirected', 0, 'PATCH', '/api/v2/users/auth0%7C3',
      @json, '{"user_metadata":{"a":1}}' ],
    [ 'PATCH that v1 cannot do', 0, 'PATCH', '/api/v2/users/auth0%7C1',
      @json, '{"blocked":true}' ],
    [ 'PATCH that repeats', @four, @json,
      '{"blocked":false,"email_verified":true,"user_metadata":{"a":1}}' ],
    [ 'PATCH that repeats with a difference', @four, @json,
      '{"blocked":true,"email_verified":true,"user_metadata":{"a":1}}' ],
    [ 'PATCH that repeats the e-mail', @four, @json,
      '{"blocked":false,"email":"u4@x.org","user_metadata":{"a":1}}' ],
    [ 'PATCH if it matches', @four, @known, '{"user_metadata":{"a":1}}' ],
    [ 'PATCH if it matches not', @four, 'If-Match' => '"e"', @json,
      '{"user_metadata":{"a":1}}' ],
    [ 'PATCH that clears', @four, @json, '{"app_metadata":{}}' ],
    [ 'PATCH for all reasons to read', @four, @known,
      '{"blocked":false,"email":"n@x.org","app_metadata":null,'
      . '"user_metadata":{}}' ],
    [ 'POST', 0, 'POST', '/api/v2/users', @json,
      '{"connection":"db","email":"n@x.org","user_metadata":{"a":1}}' ],
    [ 'POST that says what is so', 0, 'POST', '/api/v2/users', @json,
      '{"connection":"db","email":"n@x.org","blocked":false}' ],
    [ 'a list behind a user', 0, 'GET', '/api/v2/users?from=x&take=9' ],
    [ 'DELETE', 0, 'DELETE', '/api/v2/users/auth0%7C1' ],
    [ 'a write of v1', 0, 'PATCH', '/api/users/auth0%7C1/metadata', @json,
      '{"um_hobby":null,"plan":"x"}' ],
    [ 'a write of v1 refused', 0, 'PATCH', '/api/users/auth0%7C1/metadata',
      @json, '{"email":null}' ],

    [ 'a write of v1 by an odd path', 0, 'PATCH',
      '/api/users/auth0%7C1%2Fmetadata%253B\\', @json, '{"email":null}' ],
    [ 'an argument of v1 refused', 0, 'POST',
      '/api/users/auth0%7C1/metadata?a=b&em%61il[a.b]=x' ],
    [ 'an argument of v1 refused beside a body', 0, 'PATCH',
      '/api/users/auth0%7C1/metadata?email=x', @json, '{"plan":"x"}' ],
    [ 'a method that is overridden', 0, 'GET',
      '/api/v2/users/auth0%7C1?_method=DELETE' ],

    [ 'a script of another origin', 0, 'GET', '/api/v2/users/auth0%7C1',
      Origin => 'https://a.b' ],
    [ 'a preflight', 0, 'OPTIONS', '/api/v2/users/auth0%7C1',
      Origin => 'https://a.b', 'Access-Control-Request-Method' => 'PATCH' ],
    [ 'a log', 0, 'GET', '/api/v2/users/auth0%7C1/logs' ],
    [ 'a log with totals', 0, 'GET',
      '/api/v2/users/auth0%7C1/logs?include_totals=true' ],
    [ 'a ticket', 0, 'POST', '/api/v2/tickets/password-change', @json,
      '{"user_id":"auth0|1","result_url":"https://a.b/"}' ],
    [ 'a ticket refused', 0, 'POST', '/api/v2/tickets/password-change', @json,
      '{"email":"a@b.c"}' ],
    [ 'a ticket for nobody', 0, 'POST', '/api/v2/tickets/password-change',
      @json, '{"user_id":".."}' ],

    [ 'a user by the bag', 2, 'GET', '/api/v2/users/auth0%7C4' ],
    [ 'a user by the bag, known', 2, 'GET', '/api/v2/users/auth0%7C4',
      'If-None-Match' => $exact ],
    [ 'a user by a bag that is an error', 2, 'GET',
      '/api/v2/users/auth0%7C2' ],
    [ 'a user by a bag that is none', 2, 'GET', '/api/v2/users/auth0%7C5' ],
    [ 'a user by the bag to HEAD', 2, 'HEAD', '/api/v2/users/auth0%7C4' ],
    [ 'PATCH by the bag', 2, 'PATCH', '/api/v2/users/auth0%7C4',
      'If-Match' => $exact, @json,
      '{"app_metadata":{"age_range":1,"new":2},"user_metadata":{}}' ],
    [ 'a key to be escaped', 1, 'GET', '/one', 'X-Key' => '"<&\\' ],
    [ 'metrics as text', 1, 'GET', '/metrics' ],
    [ 'metrics as JSON', 1, 'GET', '/metrics?format=json' ],
    [ 'metrics as HTML', 1, 'GET', '/metrics?format=html' ],
);

sub ask {
    my ($case, %more) = @_;
    my (undef, $port, $method, $uri, @headers) = @$case;

    return $t->request($method, $uri, @headers, %more,
                       ':port' => $t->port($port));
}

# What is wrong with an answer, next to the usual one; nothing, most of all.

sub wrong {
    my ($r, $usual) = @_;

    return 'no end' if $r->timed_out;
    return '' if $r->status == 0;

    my ($body, $expected) = ($r->body, $usual->body);

    return '' if $r->status =~ /\A50[02]\z/
                 && $body =~ /\A(?:\{"statusCode":50|<html>|\z)/;

    # What v1 says of an error may be left out.

    return '' if $r->status == $usual->status && $r->status >= 400
                 && $body =~ /\A\{"statusCode":4/;

    # What a map is asked about is nothing where there is no memory for it: the
    # gateway guards, misses the address, or knows no origin.

    return '' if $r->status =~ /\A40[04]\z/
                 && $body =~ /"message":"The\ (?:request\ is\ refused:\ the
                              \ path\ [^"]+|argument\ \\"email\\"[^"]+)"/x;

    return '' if $usual->status == 204 && $r->status == 404;

    return $r->status . " $body"
        if $r->status != $usual->status
           || ($r->complete ? $body ne $expected
                            : index($expected, $body) != 0);

    return '';
}

# Each allocation of a case, until the request needs no more.

sub each_alloc {
    my ($case, $number, $name) = @_;

    my $usual = ask($case, 'X-Id' => "$name, as usual");
    my $n = 0;
    my ($failed, @wrong);

    do {
        my $id = "$name, allocation " . ++$n;
        my $r = ask($case, 'X-Id' => $id, 'X-Fail-Alloc' => "$n $number");
        my $trouble = wrong($r, $usual);

        push @wrong, "$n: $trouble" if $trouble ne '';

        # The next one, which works, tells whether something has failed.

        $r = ask($case, 'X-Id' => "$name, afterwards");

        push @wrong, "behind $n: status " . $r->status
            if $r->status != $usual->status || $r->body ne $usual->body;

        $failed = $r->header('X-Failed') // 1;

    } while ($failed && $n < 3000);

    cmp_ok($n, '>', 5, "$name: failures");
    is($failed, 0, "$name: all of them");
    is(join("\n", @wrong), '', "$name: what the client gets");
}

for my $case (@cases) {
    each_alloc($case, 1, "$case->[0], one");
    each_alloc($case, 1000000, "$case->[0], all");
}

is_deeply([ $t->workers ], [ $worker ], 'the worker is the same');

# What went up to the backend: complete requests.  Where nginx has no memory
# for the length of a body it sends none; where it has none for a map of the
# arguments of a list, a search or a log, the backend is asked for another one.

my %sent;

for my $request ($backend->requests) {
    my ($id, $length) = @{ $request->{headers} }{ 'x-id', 'content-length' };

    next unless defined $id && $request->{complete};

    push @{ $sent{$id} },
        { line => "$request->{method} $request->{uri}",
          body => defined $length ? $request->{body} : undef };
}

sub same {
    my ($call, $usual) = @_;

    return $call->{line} eq $usual->{line}
           && (!defined $call->{body} || $call->{body} eq $usual->{body});
}

my @other;

for my $id (grep { /, allocation / && !/\Aa (?:list of|log|search|narrow)\b/
                  && !/\A(?:an order|users by)/ }
            sort keys %sent)
{
    my @calls = @{ $sent{$id} };
    my @usual = @{ $sent{ $id =~ s/, allocation.*/, as usual/r } // [] };

    push @other, "$id: " . join ', ', map { $_->{line} } @calls
        if @calls > @usual
           || grep { !same($calls[$_], $usual[$_]) } 0 .. $#calls;
}

is(join("\n", @other), '', 'what the backend gets');

done_testing;
