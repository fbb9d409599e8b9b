#!/usr/bin/perl

# Proves that the arguments of reads mean what they mean to the Management API
# (U5.1 to U5.3): booleans as clients of all languages write them, a page of no
# users, one beyond the end, names with spaces, and arguments that nobody knows.
# It fails when an argument that is read is taken for another value without a
# word, or when a total promises users who are not there.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $one = '{"user_id":"auth0|1","email":"a@b.c","name":"n"}';

my $backend = $t->backend({
    '/api/users/auth0%7C1' => { body => $one },
    '/api/users' => sub {
        my $none = $_[1]{uri} =~ /page=9&|search=none/;

        return { body => $none ? '[]' : "[$one]" };
    },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }
END

$t->start;

my $list = '/api/v2/users';

sub body {
    my ($uri) = @_;

    $backend->forget;

    return $t->get($uri)->body;
}

sub asked { return join "\n", map { $_->{uri} } $backend->requests }

my $invalid = qr/\A\{"statusCode":400,.*"message":"The\ argument\ \\"(\w+)\\"
                 \ of\ the\ request\ is\ invalid.","errorCode":
                 "invalid_query_string"\}\z/x;


# Booleans

for my $yes ('true', 'True', 'TRUE', '1', '%74rue') {
    like(body("$list?include_totals=$yes"), qr/\A\{"users":\[.*"total":1\}\z/,
         "U5.2 include_totals=$yes");
    is(body("$list?fields=name&include_fields=$yes"), '[{"name":"n"}]',
       "U5.3 include_fields=$yes");
}

for my $no ('false', 'False', 'FALSE', '0', 'f%61lse') {
    like(body("$list?include_totals=$no"), qr/\A\[/, "U5.2 include_totals=$no");
    is(body("$list?fields=app_metadata,user_metadata,email,name"
            . "&include_fields=$no"), '[{"user_id":"auth0|1"}]',
       "U5.3 include_fields=$no");
}

for my $odd ('yes', 'no', 'on', 't', '2', '-1', '01', 'null', 'true%20',
             '%20true', 'true,false', 'undefined', 'tru', '%E2%80%8Btrue')
{
    for my $uri ("$list?include_totals=$odd", "$list?include_fields=$odd",
                 "$list/auth0%7C1?include_fields=$odd",
                 "$list-by-email?email=a\@b.c&include_fields=$odd")
    {
        my ($name) = $uri =~ /(\w+)=\Q$odd\E\z/;

        is((body($uri) =~ $invalid)[0], $name, "U5.1 $uri");
        is(asked(), '', "U5.1 no call: $uri");
    }
}


# Pages

for my $zero ('0', '00', '%30') {
    for my $page ('', '&page=0', '&page=3') {
        is(body("$list?per_page=$zero$page"), '[]', "U5.1 per_page=$zero$page");
        is(asked(), '/api/users?per_page=1&page=0&search=',
           "U5.1 the call: per_page=$zero$page");
        is(body("$list?per_page=$zero$page&include_totals=true"),
           '{"users":[],"start":0,"limit":0,"length":0,"total":1}',
           "U5.2 per_page=$zero$page");
    }
}

is(body("$list?page=9&per_page=10"), '[]', 'U5.1 beyond the end');
is(body("$list?page=9&per_page=10&include_totals=true"),
   '{"users":[],"start":90,"limit":10,"length":0,"total":0}',
   'U5.2 beyond the end');
is(body("$list?page=2&per_page=10&include_totals=true") =~ /"total":(\d+)/
   && $1, 21, 'U5.2 a page of users');


# Names, and what is not known

for my $names ('name,email', 'name,%20email', 'name%20,email', 'name+,+email',
               'name,email%20%20', '%20name%20,%20email%20')
{
    is(body("$list?fields=$names"), '[{"email":"a@b.c","name":"n"}]',
       "U5.3 fields=$names");
}

like(body("$list?foo=1&search_engine=v3&primary_order=false&bar=%FF"),
     qr/\A\[\{"user_id"/, 'U5.1 arguments that are not known');

done_testing;
