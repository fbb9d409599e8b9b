#!/usr/bin/perl

# Proves that no error_page of an operator's replaces an answer of the module's
# own (H4.6), whatever kind of page it is.  It fails when a client gets a page
# where JSON was promised, or another status.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

$t->backend({
    '/bad'  => { body => '{"user_id":1,"plan":free}' },
    '/type' => { body => 'x', headers => [ 'Content-Encoding' => 'br' ] },
    '/gone' => { status => 404, body => '{"message":"No such user."}' },
    '/502'  => { status => 502, body => 'x' },
});

my @pages = (
    'error_page 400 404 502 /page;',
    'error_page 400 404 502 =200 /page;',
    'error_page 400 404 502 = /page;',
    'error_page 400 404 502 @page;',
    'error_page 400 404 502 =503 @page; recursive_error_pages on;',
    'error_page 400 404 502 http://127.0.0.1/page;',
    'error_page 400 404 502 /page; proxy_intercept_errors on;',
    'error_page 400 404 502 @page; proxy_intercept_errors on;',
);

my $places = '';

for my $i (0 .. $#pages) {
    $places .= <<"END";
        location /v1/$i/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_guard auth0 mode=v1;
            $pages[$i]
        }

        location /v2/$i/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
            $pages[$i]
        }

END
}

$t->conf(<<'END' =~ s/%%PLACES%%/$places/r);
    include profile/auth0.conf;

    server {
        listen 127.0.0.1:%%PORT%%;
        proxy_http_version 1.1;

%%PLACES%%
        location = /page {
            return 200 "page";
        }

        location @page {
            return 200 "page";
        }
    }
END

$t->start;

my $error = qr/\A\{"statusCode":502,.*"errorCode":"invalid_upstream_profile"\}/;

for my $i (0 .. $#pages) {
    my $page = $pages[$i];

    for my $uri ("/v1/$i/bad", "/v1/$i/type", "/v2/$i/bad", "/v2/$i/type") {
        my $r = $t->get($uri);

        is($r->status, 502, "H4.6 $uri, status: $page");
        like($r->body, $error, "H4.6 $uri, body: $page");
    }

    my $r = $t->request('PATCH', "/v1/$i/good", ':body' => '{"user_id":1}',
                        'Content-Type' => 'application/json');

    is($r->status, 400, "H4.6 a refusal, status: $page");
    like($r->body, qr/\A\{"statusCode":400,/, "H4.6 a refusal, body: $page");

    # What is intercepted is nginx's business: the page itself is the answer.

    next if $page =~ /intercept/;

    $r = $t->get("/v2/$i/gone");

    is($r->status, 404, "H4.6 an error of v1, status: $page");
    like($r->body, qr/"message":"No such user\."/,
         "H4.6 an error of v1, body: $page");
}

done_testing;
