package ProfileTest::Gateway;

# A backend of demo/ other than v1, and its gateway: on port 0 with the profile
# page, on port 1 with TLS.  What a test asks of the one it started, and what
# that asked of its backend.

use strict;
use warnings;

use Exporter 'import';
use JSON::PP qw(decode_json);
use Test::More ();

use ProfileTest;
use ProfileTest::Node qw(have_node install_packages run_node make_certificate);

our @EXPORT = qw(gateway get data send_json asked clients);

my ($t, $name, $seen);


# Starts the backend of this name and its gateway: returns the ProfileTest.

sub gateway {
    ($name) = @_;

    $t = ProfileTest->new;
    $seen = 0;

    my $dir = $t->dir;
    my $html = $t->top . '/html';
    my $port = $t->demo($name, '--request-log', "$dir/requests");

    make_certificate($dir);

    $t->conf(<<"END");
        include $name/schema.conf;

        upstream profile_backend {
            server 127.0.0.1:$port;
            keepalive 4;
        }

        server {
            listen 127.0.0.1:%%PORT%%;
            include $name/gateway.conf;

            set \$profile_html $html;
            include profile/page.conf;
        }

        server {
            listen 127.0.0.1:%%PORT_1%% ssl;
            ssl_certificate $dir/cert.pem;
            ssl_certificate_key $dir/key.pem;
            include $name/gateway.conf;
        }
END

    $t->start;

    return $t;
}


# Below /api/v2/users.

sub get { return $t->get("/api/v2/users$_[0]") }

sub data { return decode_json($_[0]->body) }

sub send_json {
    my ($method, $path, $body) = @_;

    return $t->request($method, "/api/v2/users$path", ':body' => $body,
                       'Content-Type' => 'application/json');
}


# What the backend was asked since the last time: method, target and body each.

sub asked {
    my @lines = split /\n/, $t->read_file('requests');
    my @new = map { decode_json($_) } @lines[$seen .. $#lines];

    $seen = @lines;

    return [ map { join ' ', grep { $_ ne '' } @$_{qw(method target body)} }
             @new ];
}


# The official SDKs and the profile page, where there is Node.

sub clients {
    return if !have_node();

    my $top = $t->top;

    install_packages("$top/t/$_") for 'sdk', 'page';

    local $ENV{PROFILE_LEGACY} = $name;
    local $ENV{PROFILE_DOMAIN} = '127.0.0.1:' . $t->port(1);
    local $ENV{PROFILE_URL} = 'http://127.0.0.1:' . $t->port;

    Test::More::is(run_node("$top/t/sdk/backends.mjs"), 0,
                   'all SDKs were run');
    Test::More::is(run_node("$top/t/page/backends.mjs"), 0,
                   'the page was shown');
}


1;
