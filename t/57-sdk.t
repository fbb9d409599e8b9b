#!/usr/bin/perl

# Proves with clients that nobody here wrote that the gateway is what it says:
# the official SDKs for v2 (npm auth0 7.1.0, 6.4.0, 5.14.1, 4.37.1, 3.7.2 and
# 2.44.1) and that for v1 (0.8.5), unmodified, over TLS, manage the same users
# through it, and so do requests in the exact form of SDKs of other languages.
# It fails when one of them is sent something that it cannot use or that is not
# what it wrote, and when the program of the README does not run.

use lib 't/lib';
use ProfileTest;

use ProfileTest::Node qw(have_node install_packages run_node make_certificate);

plan skip_all => 'Node is not installed' if !have_node();

my $t = ProfileTest->new(log => 'info');

my $top = $t->top;
my $dir = $t->dir;

install_packages("$top/t/sdk");

make_certificate($dir);

my $legacy = $t->legacy('--require-auth', '--gzip',
                        '--request-log', "$dir/requests");


# The other backend fails as the id of the user says.

my @limits = ('Retry-After' => '7', 'X-RateLimit-Limit' => '10');

my %failures = map { $_->{status} => $_ } (
    { status => 401, type => 'application/json',
      body => '{"error":"invalid_token","error_description":"Expired"}' },
    { status => 402, body => '{"message":"Pay first"}' },
    { status => 403, body => '{"error":"Insufficient scope"}' },
    { status => 404, body => '{"error":"The user does not exist."}' },
    { status => 409, body => '{"code":"user_exists","error":"Conflict",'
                             . '"detail":"The user already exists."}' },
    { status => 429, body => '{"error":"Slow down"}', headers => \@limits },
    { status => 500, type => 'text/html', body => '<h1>secret</h1>' },
    { status => 503, type => 'text/plain', body => "secret\n    at v1.js:1" },
);

my $user = '{"user_id":"auth0|1"}';

my %answers = (
    closed => sub { $_[0]->close; undef },
    slow   => sub { $_[0]->wait_close; undef },
    html   => sub { return { type => 'text/html', body => '<p>secret</p>' } },
    once   => sub {
        return { body => $user } if -e "$dir/once";

        $t->write_file('once', '');
        return $failures{503};
    },
    map({ my $status = $_;
          ($status => sub { return $failures{$status} }) } keys %failures),
);

my $ways = join '|', keys %answers;

my $broken = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;
    my ($way) = "$request->{uri} $request->{body}" =~ /($ways)/;

    return $answers{$way}->($conn);
} });

$t->conf(<<"END");
    include profile/auth0.conf;

    ssl_certificate $dir/cert.pem;
    ssl_certificate_key $dir/key.pem;

    upstream profile_backend {
        server 127.0.0.1:$legacy;
        keepalive 8;
    }

    upstream broken {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%% ssl;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_1%% ssl;
        include broken.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_2%% ssl;
        proxy_read_timeout 1s;
        include broken.conf;
    }
END

$t->write_file('broken.conf', $t->read_file("$top/conf/profile/gateway.conf")
                              =~ s{http://profile_backend}{http://broken}gr);
$t->start;

$ENV{PROFILE_DOMAIN} = '127.0.0.1:' . $t->port;
$ENV{PROFILE_BROKEN_DOMAIN} = '127.0.0.1:' . $t->port(1);
$ENV{PROFILE_SLOW_DOMAIN} = '127.0.0.1:' . $t->port(2);
$ENV{PROFILE_REQUESTS} = "$dir/requests";

is(run_node("$top/t/sdk/run.mjs"), 0, 'all topics were run');


# The program of the README, as it stands there, before "make run".

my $port = $t->port(3);

$ENV{TMPDIR} = $dir;
$t->daemon([ "$top/demo/demo.sh", $port ], qr/Ctrl-C stops/);

my ($program) = $t->read_file("$top/README.md")
                =~ /^```js\n(import .*?)^```$/ms;

mkdir $_ or die "$_: $!" for "$dir/program", "$dir/program/node_modules";
symlink "$top/t/sdk/node_modules/auth0-7", "$dir/program/node_modules/auth0"
    or die "node_modules/auth0: $!";

is($program =~ s/127\.0\.0\.1:8080/127.0.0.1:$port/g, 1,
   'README: the program is for the demo');
cmp_ok(scalar(() = $program =~ /\n/g), '<=', 10, 'README: ten lines');

$t->write_file('program/program.mjs', $program);

my @lines = split /\n/, qx{node $dir/program/program.mjs 2>&1 </dev/null};

is($?, 0, 'README: the program runs to its end');
is(shift @lines, "{ hobby: 'surf' }", 'README: what was written is read')
    or diag(join "\n", @lines);
is(scalar(grep { /\A\w[\w-]*\|./ } @lines), 200, 'README: all users');

done_testing;
