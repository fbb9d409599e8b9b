#!/usr/bin/perl

# The profile page in a real browser: Chromium looks at it, types into it and
# has it checked for accessibility, against the gateway and the legacy backend.
# It fails when a view does not show or store what it should, when anything of
# a profile is more than text, when axe finds a violation, when the browser
# reports an error, and when the token is anywhere that it should not be.

use lib 't/lib';
use ProfileTest;

use ProfileTest::Node qw(install_packages run_node);

my $t = ProfileTest->new(log => 'info', allow => [
    qr/connect\(\) failed \(111: Connection refused\)/,
]);

my $top = $t->top;
my $chromium = $ENV{PROFILE_CHROMIUM} || '/usr/bin/chromium';

-x $chromium or die "$chromium is missing: \"make deps\" installs it\n";

install_packages("$top/t/page");

my $legacy = $t->legacy('--require-auth');

$t->conf(<<"END");
    include profile/auth0.conf;

    log_format all '\$request "\$http_referer" \$status';

    upstream profile_backend {
        server 127.0.0.1:$legacy;
        keepalive 8;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log all;

        include profile/gateway.conf;

        set \$profile_html $top/html;
        include profile/page.conf;
    }

    # The same page in front of a backend that is not there.

    server {
        listen 127.0.0.1:%%PORT_1%%;

        location /api/v2/ {
            profile_rewrite auth0 api=v2;
            proxy_pass http://127.0.0.1:%%PORT_2%%;
        }

        set \$profile_html $top/html;
        include profile/page.conf;
    }
END

$t->start;

$ENV{PROFILE_URL} = 'http://127.0.0.1:' . $t->port;
$ENV{PROFILE_DEAD_URL} = 'http://127.0.0.1:' . $t->port(1);
$ENV{PROFILE_CHROMIUM} = $chromium;

is(run_node("$top/t/page/run.mjs"), 0, 'all topics were run');

# What the page was doing stands in the log, but for the token.

my $log = $t->read_file('access.log');

like($log, qr{^GET /api/v2/users\?page=0&\S+ HTTP/1\.1 "-" 200$}m,
     'the requests of the page were logged, and have no referrer');
unlike($log, qr/[0-9a-f]{40}/, 'no token in the log of requests');

done_testing;
