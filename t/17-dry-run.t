#!/usr/bin/perl

# Proves that a dry run (profile_rewrite_dry_run) changes nothing that a client
# sees, head and body, and delays nothing, while it counts what would have been
# done.  It fails when the filter touches a header, holds back a byte, or breaks
# a response that it could not rewrite.

use lib 't/lib';
use ProfileTest;

use Compress::Raw::Zlib qw(WANT_GZIP Z_OK Z_FINISH);

my $t = ProfileTest->new(log => 'info');
my $plain = ProfileTest->new(module => '');

my $user = '{"_id":"1","user_id":"auth0|1","plan":"SECRET"}';
my $users = '[' . join(',', ($user) x 3000) . ']';

my ($z) = Compress::Raw::Zlib::Deflate->new(-WindowBits => WANT_GZIP,
                                            -AppendOutput => 1);
my $gzip = '';

$z->deflate($user, $gzip) == Z_OK && $z->flush($gzip, Z_FINISH) == Z_OK
    or die 'deflate';

my @headers = ('ETag' => '"abc"', 'Accept-Ranges' => 'bytes',
               'Last-Modified' => 'Mon, 21 Oct 2013 20:13:21 GMT',
               'Content-MD5' => 'Q2hlY2sgSW50ZWdyaXR5IQ==');

# What is answered, what is counted of it, and at which byte it would fail.

my %answers = (
    '/user'      => [ 'would_rewrite -', { body => $user } ],
    '/chunked'   => [ 'would_rewrite -', { body => $user, chunk => 5,
                                           framing => 'chunked' } ],
    '/old'       => [ 'would_rewrite -', { body => $user, version => '1.0',
                                           framing => 'close' } ],
    '/created'   => [ 'would_rewrite -', { body => $user, status => 201 } ],
    '/users'     => [ 'would_rewrite -', { body => $users } ],
    '/gzip'      => [ 'would_rewrite -', { body => $gzip, coding => 'gzip' } ],
    '/none'      => [ 'passed no_users', { body => '[1, 2]' } ],
    '/status'    => [ 'passed status', { body => $user, status => 404 } ],
    '/text'      => [ 'passed type', { body => $user,
                                       type => 'text/plain' } ],
    '/part'      => [ 'would_fail partial', { body => $user, status => 206 },
                      0 ],
    '/br'        => [ 'would_fail encoding', { body => $user,
                                               coding => 'br' }, 0 ],
    '/bad'       => [ 'would_fail invalid_json', { body => $user =~
                                                   s/"SECRET"/SECRET/r }, 38 ],
    '/bad/long'  => [ 'would_fail trailing_data', { body => "$users]" },
                      length $users ],
    '/bad/first' => [ 'would_fail invalid_json', { body => "x$users" }, 0 ],
    '/empty'     => [ 'would_fail truncated', { body => '' }, 0 ],
    '/html'      => [ 'would_fail invalid_json', { body => '<html></html>' },
                      0 ],
    '/bad/gzip'  => [ 'would_fail invalid_gzip', { body => $user,
                                                   coding => 'gzip' }, 0 ],
    '/cut/gzip'  => [ 'would_fail invalid_gzip',
                      { body => substr($gzip, 0, -1), coding => 'gzip' },
                      length $user ],
    '/large'     => [ 'would_fail user_too_large',
                      { body => $user =~ s/SECRET/'x' x 3000/er }, 1024 ],
);

my %cut = (
    '/cut'         => { body => $users, cut => 20_000 },
    '/cut/chunked' => { body => $users, cut => 20_000, framing => 'chunked' },
    '/cut/early'   => { body => $users, cut => 10 },
);

for my $answer (map { $_->[1] } values %answers) {
    my $coding = delete $answer->{coding};

    $answer->{headers} = [ @headers,
                           $coding ? ('Content-Encoding' => $coding) : () ];
}

my $backend = $t->backend({
    %cut,
    map({ $_ => $answers{$_}[1] } keys %answers),
    '/gate' => { body => [ '[', \'one', $user, \'two', 'x' x 10, \'three',
                           ']' ], framing => 'chunked' },
    '/match' => sub {
        my ($conn, $request) = @_;

        return ($request->{headers}{'if-none-match'} // '') eq '"abc"'
               ? { status => 304, headers => \@headers }
               : { body => $user, headers => \@headers };
    },
});

sub locations {
    my ($dry) = @_;

    return <<"END";
        proxy_http_version 1.1;
        proxy_set_header Connection "";

        location / {
            proxy_pass http://@{[ $backend->addr ]};
            $dry
        }

        location /unbuffered/ {
            proxy_pass http://@{[ $backend->addr ]}/;
            proxy_buffering off;
            $dry
        }

        location /file/ {
            alias @{[ $t->dir ]}/html/;
            default_type application/json;
            sendfile on;
            $dry
        }

        location /return {
            default_type application/json;
            $dry
            return 200 '$user';
        }

        location /gunzip/ {
            proxy_pass http://@{[ $backend->addr ]}/;
            gunzip on;
            $dry
        }
END
}

my $dry = 'profile_rewrite auth0; profile_rewrite_dry_run on;'
          . ' profile_max_user_size 1k;';

$t->conf(<<"END");
    include profile/auth0.conf;

    log_format action '\$uri \$profile_action \$profile_reason \$profile_users'
                      ' \$profile_moved \$profile_bytes_in \$profile_bytes_out';

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        access_log %%DIR%%/access.log action;

@{[ locations($dry) ]}

        location /off/ {
            proxy_pass http://%%BACKEND%%/;
            $dry
            profile_buffer_size 1k;

            location /off/real/ {
                proxy_pass http://%%BACKEND%%/;
                profile_rewrite_dry_run off;
            }
        }
    }
END

$plain->conf(<<"END");
    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

@{[ locations('') ]}
    }
END

$t->write_file("html/$_.json", $users) for qw(users range ranges beyond);
$t->write_file('html/bad.json', "$users]");

$_->start for $t, $plain;

sub whole {
    my ($r) = @_;

    return $r->raw_head =~ s/^Date: .*\r\n//mr . "\r\n" . $r->body
           . ($r->complete ? 'whole' : 'cut');
}

sub same {
    my ($method, $uri, $name, %headers) = @_;

    ok(whole($t->request($method, $uri, %headers))
       eq whole($plain->request($method, $uri, %headers)), $name);
}

my $seen = 0;


# Nothing is changed

for my $uri (sort keys %answers) {
    $seen = length $t->log;

    same('GET', $uri, "H4.1 unchanged: $uri");

    my @errors = grep { /\[error\]/ } split /\n/, substr $t->log, $seen;
    my ($counted, undef, $offset) = @{ $answers{$uri} };

    if ($counted =~ /\Awould_fail (\w+)/) {
        is(scalar @errors, 1, "H4.3 one line: $uri");
        like($errors[0], qr/profile\ filter:\ $1:\ .*
                            \ at\ byte\ $offset\ of\ the\ response/x,
             "H4.3 the line: $uri");

    } else {
        is(scalar @errors, 0, "H4.3 no line: $uri");
    }

    same('GET', "/unbuffered$uri", "H4.1 unchanged, unbuffered: $uri");
    same('GET', $uri, "H4.1 unchanged, HTTP/1.0: $uri", ':version' => '1.0');
    same('HEAD', $uri, "H4.1 unchanged, HEAD: $uri");

    my $r = $t->http2_request('GET', $uri);
    my $want = $plain->http2_request('GET', $uri);

    is_deeply([ grep { $_->[0] ne 'date' } @{ $r->{headers} } ],
              [ grep { $_->[0] ne 'date' } @{ $want->{headers} } ],
              "H4.1 unchanged headers, HTTP/2: $uri");
    ok($r->body eq $want->body, "H4.1 unchanged, HTTP/2: $uri");
    ok($r->complete, "H4.1 unchanged, HTTP/2, whole: $uri");
}

for my $uri ('/file/users.json', '/file/bad.json', '/return', '/gunzip/gzip',
             '/gunzip/bad/gzip')
{
    same('GET', $uri, "H4.1 unchanged: $uri");
}

same('GET', '/file/range.json', 'H4.1 a range of a file',
     Range => 'bytes=10-20');

my $multipart = $t->get('/file/ranges.json', Range => 'bytes=10-20,40-50');

is($multipart->status, 206, 'H4.1 ranges of a file');
like($multipart->body, qr/\n@{[ quotemeta substr $users, 10, 11 ]}\r\n/,
     'H4.1 ranges of a file, body');

same('GET', '/file/beyond.json', 'H4.1 a range beyond a file',
     Range => 'bytes=1000000-');
same('GET', '/match', 'H4.1 unchanged 304', 'If-None-Match' => '"abc"');
same('POST', '/user', 'H4.1 unchanged POST', ':body' => '{}');

for my $uri (sort keys %cut) {
    for my $path ('', '/unbuffered') {
        my $r = $t->get("$path$uri");

        is($r->status, 200, "H4.4 a cut passes: $path$uri");
        ok(!$r->complete, "H4.4 and is seen: $path$uri");
        ok($r->body eq substr($users, 0, $r->length),
           "H4.4 what came is unchanged: $path$uri");

        $r = $t->http2_request('GET', "$path$uri");
        ok(defined $r->rst, "H4.4 RST_STREAM: $path$uri");
    }
}


# Nothing is delayed, not even what is no user yet, or never will be one

my $c = $t->connect;

$c->send("GET /unbuffered/gate HTTP/1.1\r\nHost: a\r\n\r\n");

my $r = $c->head;

ok($c->read_until($r, sub { $_[0]->body eq '[' }), 'H4.1 at once');
$backend->open_gate('one');
ok($c->read_until($r, sub { $_[0]->body eq "[$user" }), 'H4.1 then more');
$backend->open_gate('two');
ok($c->read_until($r, sub { $_[0]->body eq "[$user" . 'x' x 10 }),
   'H4.1 then what is no JSON');
$backend->open_gate('three');
$c->finish($r);
ok($r->complete, 'H4.1 and the end');


# A dry run can be ended

is($t->get('/off/user')->body, $user, 'H4.1 on is inherited');
is($t->get('/off/real/user')->body,
   '{"user_id":"auth0|1","app_metadata":{"plan":"SECRET"},"user_metadata":{}}',
   'H4.1 off again');
is($t->get('/off/real/bad')->status, 502, 'H4.1 off again, an error');
is($t->get('/off/users')->framing, 'length', 'H2.1 nothing is held');


# What was counted

$t->stop;

my %got = $t->read_file('access.log') =~ /^(\S+) (.*)$/mg;

for my $uri (sort keys %answers) {
    my $want = $answers{$uri}[0];

    like($got{$uri}, qr/\A$want /, "H4.1 counted: $uri");
    like($got{"/unbuffered$uri"}, qr/\A$want /,
         "H4.1 counted, unbuffered: $uri");
}

my $v2 = '{"user_id":"auth0|1","app_metadata":{"plan":"SECRET"},'
         . '"user_metadata":{}}';

is($got{'/user'}, join(' ', 'would_rewrite - 1 1', length $user, length $v2),
   'H4.1 all is counted');
is($got{'/gzip'}, $got{'/user'}, 'H4.1 all is counted, gzip');
is($got{'/users'}, join(' ', 'would_rewrite - 3000 3000', length $users,
                        3000 * (1 + length $v2) + 1),
   'H4.1 all is counted, of many');
is($got{'/file/users.json'}, $got{'/users'}, 'H4.1 all is counted, a file');
is($got{'/return'}, $got{'/user'}, 'H4.1 all is counted, return');

like($got{$_}, qr/\Awould_fail upstream /, "H4.4 counted: $_")
    for sort keys %cut;
like($got{'/file/bad.json'}, qr/\Awould_fail trailing_data /,
     'H4.1 counted, a file');
like($got{'/gunzip/gzip'}, qr/\Awould_rewrite - 1 /, 'H4.1 counted, gunzip');
like($got{'/off/real/user'}, qr/\Arewritten - 1 /, 'H4.1 off again, counted');
like($got{"/file/$_.json"}, qr/\Apassed partial /,
     "H2.5 nothing is told of ranges: $_") for qw(range ranges beyond);
like($got{'/match'}, qr/\Apassed status /, 'H4.1 counted, 304');

unlike($t->log, qr/SECRET/, 'H4.3 nothing of a profile in the log');

done_testing;
