#!/usr/bin/perl

# The profile page in a real browser: Chromium looks at it, types into it and
# has it checked for accessibility, against the gateway and the legacy backend.
# It fails when a view does not show or store what it should, when anything of
# a profile is more than text, when axe finds a violation, when the browser
# reports an error, and when the token is anywhere that it should not be.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info', allow => [
    qr/connect\(\) failed \(111: Connection refused\)/,
]);

my $top = $t->top;
my $chromium = $ENV{PROFILE_CHROMIUM} || '/usr/bin/chromium';

-x $chromium or die "$chromium is missing: \"make deps\" installs it\n";

install();

my (undef, $backend) = $t->daemon(
    [ $^X, "$top/t/legacy/legacy.pl", '--require-auth' ],
    qr/listening on (\S+)/);

$t->conf(<<"END");
    include profile/auth0.conf;

    log_format all '\$request "\$http_referer" \$status';

    upstream profile_backend {
        server $backend;
        keepalive 8;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log all;

        include profile/gateway.conf;

        set \$profile_page $top/html;
        include profile/page.conf;
    }

    # The same page in front of a backend that is not there.

    server {
        listen 127.0.0.1:%%PORT_1%%;

        location /api/v2/ {
            profile_rewrite auth0 api=v2;
            proxy_pass http://127.0.0.1:%%PORT_2%%;
        }

        set \$profile_page $top/html;
        include profile/page.conf;
    }
END

$t->start;

$ENV{PROFILE_URL} = 'http://127.0.0.1:' . $t->port;
$ENV{PROFILE_DEAD_URL} = 'http://127.0.0.1:' . $t->port(1);
$ENV{PROFILE_CHROMIUM} = $chromium;

is(browse("$top/t/page/run.mjs"), 0, 'all topics were run');

# What the page was doing stands in the log, but for the token.

my $log = $t->read_file('access.log');

like($log, qr{^GET /api/v2/users\?page=0&\S+ HTTP/1\.1 "-" 200$}m,
     'the requests of the page were logged, and have no referrer');
unlike($log, qr/[0-9a-f]{40}/, 'no token in the log of requests');

done_testing;


# The packages of t/page, by the versions of its lock file.

sub install {
    my $lock = "$top/t/page/package-lock.json";
    my $done = "$top/t/page/node_modules/.package-lock.json";

    return if -e $done && -M $done <= -M $lock;

    chdir "$top/t/page" or die "t/page: $!";

    my $out = qx{npm ci --no-audit --no-fund 2>&1 </dev/null};

    $? == 0 or die "npm ci in t/page failed:\n$out";

    chdir $top or die "$top: $!";
}


# Runs the topics and says what they say; returns their exit code.

sub browse {
    my ($script) = @_;

    open my $tap, '-|', 'node', $script or die "node: $!";

    my $planned;
    my $count = 0;

    while (my $line = <$tap>) {
        chomp $line;

        if (my ($not, $name) = $line =~ /\A(not )?ok \d+ - (.*)/) {
            ok(!$not, $name =~ s/\\#/#/gr);
            $count++;

        } elsif ($line =~ /\A1\.\.(\d+)\z/) {
            $planned = $1;

        } else {
            diag($line =~ s/\A# ?//r);
        }
    }

    close $tap;
    is($count, $planned // 'none', 'the topics ran to their end');

    return $? >> 8;
}
