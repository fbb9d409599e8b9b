#!/usr/bin/perl

# A real browser decides what a script of another origin may do: auth0-js 9.28
# and 10.2 and plain fetch(), in Chromium, call the v2 API of a server that
# wants a token (U8).  It fails when a call that is allowed cannot be made or
# its answer not be read, be it an error, and when another origin can.

use lib 't/lib';
use ProfileTest;

use HTTP::Tiny;
use JSON::PP qw(decode_json);
use ProfileTest::Node qw(install_packages run_node make_certificate);

my $t = ProfileTest->new(log => 'info');

my $chromium = $ENV{PROFILE_CHROMIUM} || '/usr/bin/chromium';

-x $chromium or die "$chromium is missing: \"make deps\" installs it\n";

my $top = $t->top;
my $dir = $t->dir;

install_packages("$top/t/page");

make_certificate($dir);

my $legacy = $t->legacy('--require-auth');

my $page = <<"END";
        location = /blank {
            default_type text/html;
            return 200 "<!doctype html><title>blank</title><body>";
        }

        location ~ ^/(auth0-js-[0-9]+)/(auth0[.]min[.]js)\$ {
            default_type text/javascript;
            alias $top/t/page/node_modules/\$1/dist/\$2;
        }
END

$t->conf(<<"END");
    include profile/auth0.conf;

    ssl_certificate $dir/cert.pem;
    ssl_certificate_key $dir/key.pem;

    map \$http_origin \$profile_cors_origin {
        default                      "";
        "https://127.0.0.1:%%PORT_1%%"  \$http_origin;
    }

    upstream profile_backend {
        server 127.0.0.1:$legacy;
    }

    server {
        listen 127.0.0.1:%%PORT%% ssl;

        auth_request /token;

        location = /token {
            internal;
            auth_request off;

            if (\$http_authorization !~ "^Bearer ") {
                return 401;
            }

            return 204;
        }

        add_header ETag '"e"' always;
        add_header Retry-After 7 always;
        add_header X-Other 1 always;

        include profile/cors.conf;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_1%% ssl;
$page
    }

    server {
        listen 127.0.0.1:%%PORT_2%% ssl;
$page
    }
END

$t->start;

my $client = HTTP::Tiny->new(default_headers => {
    'Content-Type' => 'application/json',
});

my $token = decode_json($client->post("http://127.0.0.1:$legacy/oauth/token", {
    content => '{"client_id":"page","client_secret":"page",'
               . '"grant_type":"client_credentials"}',
})->{content})->{access_token};

my $user = decode_json($client->post("http://127.0.0.1:$legacy/api/users", {
    headers => { Authorization => "Bearer $token" },
    content => '{"connection":"Username-Password-Authentication",'
               . '"email":"browser@example.com","password":"secret-1"}',
})->{content});

$ENV{PROFILE_DOMAIN} = '127.0.0.1:' . $t->port;
$ENV{PROFILE_TOKEN} = $token;
$ENV{PROFILE_USER} = $user->{user_id};
$ENV{PROFILE_CHROMIUM} = $chromium;

is(run_node("$top/t/page/cors.mjs",
            map { 'https://127.0.0.1:' . $t->port($_) } 1, 2),
   0, 'all topics were run');

done_testing;
