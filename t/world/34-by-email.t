#!/usr/bin/perl

# Proves that a search for an e-mail address whose matches v1 shows in pages is
# an error, and no list without the user who has it (U5.4).  It fails when
# others whose addresses contain this one hide who has it.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;

my $v1_port = $t->legacy('--users', 20, '--db', $t->dir . '/users.sqlite');

$t->conf(<<"END");
    include profile/auth0.conf;

    upstream profile_backend {
        server 127.0.0.1:$v1_port;
    }

    log_format said '\$profile_action \$profile_reason';

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/said.log said;
        set \$profile_search_v1 \$arg_v1;
        include profile/gateway.conf;

        location = /pages {
            proxy_pass http://profile_backend/api/users?\$args;
            profile_rewrite auth0 api=v2;
            profile_list page=\$arg_page match=email:o\@x.org;
        }

        location = /v1 {
            proxy_pass http://profile_backend/api/users?\$args;
            profile_rewrite auth0;
            profile_list match=email:o\@x.org;
        }
    }
END

$t->start;

sub create {
    my ($email) = @_;

    return $t->request('POST', '/api/v2/users',
        'Content-Type' => 'application/json',
        ':body' => '{"connection":"Username-Password-Authentication",'
                   . qq("email":"$email","password":"Secret123!"}))->status;
}

sub by_email { return $t->get("/api/v2/users-by-email?email=$_[0]") }

is(scalar grep({ create("jo$_-o\@x.org") == 201 } 1 .. 99), 99, 'others');
is(create('o@x.org'), 201, 'who is looked for');

my $r = by_email('o@x.org');

is($r->status, 200, 'U5.4 v1 shows all of 100');
like($r->body, qr/\A\[\{[^{}]*"email":"o\@x\.org"/, 'U5.4 one of 100');

is(create('jo100-o@x.org'), 201, 'one too many');

$r = by_email('o@x.org');

is($r->status, 200, 'U10.5 v1 shows 100 of 101');
like($r->body, qr/\A\[\{[^{}]*"email":"o\@x\.org"/, 'U10.5 one of 101');
is($t->request('HEAD', '/api/v2/users-by-email?email=o@x.org')->status, 200,
   'U10.2 HEAD');
$r = by_email('o@x.org&v1=1');

is($r->status, 502, 'U5.4 v1 is asked once, and shows 100 of 101');
is($r->body, '{"statusCode":502,"error":"Bad Gateway","message":"The backend\'s'
   . ' answer cannot be shown as a profile: a part of a response at byte 0.",'
   . '"errorCode":"invalid_upstream_profile"}', 'U5.4 what the client is told');
is($t->request('HEAD', '/api/v2/users-by-email?email=o@x.org&v1=1')->status,
   502, 'U5.4 H2.3 HEAD');
is(by_email('jo1-o@x.org')->status, 200, 'U5.4 another address');
is(by_email('nobody@x.org')->body, '[]', 'U5.4 nobody');

ok($t->wait(sub { return $t->read_file('said.log') =~ /^failed partial$/m }),
   'U5.4 the reason');

# Who asks for pages gets them, and so does who is not promised v2.

is($t->get('/pages?page=0&search=email:o@x.org')->status, 200, 'U5.4 page=');
is($t->get('/v1?search=email:o@x.org')->status, 200, 'U5.4 without api=v2');

done_testing;
