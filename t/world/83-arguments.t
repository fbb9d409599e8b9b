#!/usr/bin/perl

# Proves that the arguments of reads mean what they mean to the Management API
# (U5.1 to U5.3, U5.7): booleans as clients of all languages write them, a page
# of no users, one beyond the end, names with spaces, fields below the root, and
# arguments that nobody knows.  It fails when an argument that is read is taken
# for another value without a word, or when a total promises users who are not
# there.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $one = '{"user_id":"auth0|1","email":"a@b.c","name":"n"}';

# One who has all: attributes of the provider, identities with tokens, metadata
# in the bag, with a prefix and without.

my $full = '{"user_id":"samlp|2", "email":"f@b.c",'
           . '"http://schemas.xmlsoap.org/claims/Group":["g"],'
           . '"plan":{"name":"gold", "seats":[{"n":1,"of":"x"},2]},'
           . '"um_app":{"a.b":1,"a":{"b":2,"c":3}},"am_email":"e",'
           . '"identities":[{"connection":"c1","access_token":"S",'
           . '"profileData":{"name":"x","refresh_token":"S"}},'
           . '{"connection":"c2","isSocial":true}]}';

my $backend = $t->backend({
    '/api/users/auth0%7C1' => { body => $one },
    '/api/users/samlp%7C2' => sub {
        my @same = ($_[1]{headers}{'if-none-match'} // '') eq '"v1"'
                   ? (status => 304) : (body => $full);

        return { @same, headers => [ 'ETag' => '"v1"' ] };
    },
    '/late' => {
        body => $one, headers => [ 'X-Fields' => 'name,a' . '.a' x 16 ],
    },
    '/api/users' => sub {
        my $uri = $_[1]{uri};

        return { body => "[$full, $one]" } if $uri =~ /f%40b\.c/;
        return { body => $uri =~ /page=9&|search=none/ ? '[]' : "[$one]" };
    },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    map $upstream_http_x_fields $late_fields {
        default $upstream_http_x_fields;
    }

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;

        location /late {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 api=v2;
            profile_fields $late_fields;
        }
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


# Fields below the root, in each of the calls: what becomes of the one who has
# all, and of the other

my $group = 'http:%2F%2Fschemas.xmlsoap.org%2Fclaims%2FGroup';

my @fields = (
    [ 'user_id,app_metadata.plan',
      '{"user_id":"samlp|2","app_metadata":{"plan":'
      . '{"name":"gold", "seats":[{"n":1,"of":"x"},2]}}}',
      '{"user_id":"auth0|1","app_metadata":{}}' ],
    [ 'app_metadata.plan.name%20,%20email',
      '{"email":"f@b.c","app_metadata":{"plan":{"name":"gold"}}}',
      '{"email":"a@b.c","app_metadata":{}}' ],
    [ 'app_metadata.plan.seats.n',
      '{"app_metadata":{"plan":{"seats":[{"n":1}]}}}', '{"app_metadata":{}}' ],
    [ 'identities.connection',
      '{"identities":[{"connection":"c1"},{"connection":"c2"}]}', '{}' ],
    [ 'identities.profileData.name,identities.access_token',
      '{"identities":[{"profileData":{"name":"x"}},{}]}', '{}' ],
    [ 'user_metadata.app.a.b,app_metadata.email',
      '{"app_metadata":{"email":"e"},"user_metadata":{"app":{"a.b":1,"a":'
      . '{"b":2}}}}', '{"app_metadata":{},"user_metadata":{}}' ],
    [ "$group,email.x", '{"http://schemas.xmlsoap.org/claims/Group":["g"]}',
      '{}' ],
    [ 'nobody.has,user_id.this', '{}', '{}' ],
    [ 'app_metadata.plan,app_metadata.email,user_metadata.app.a.b,user_id,'
      . "identities.isSocial,identities.profileData,$group,email.x"
      . '&include_fields=false',
      '{"email":"f@b.c","identities":[{"connection":"c1"},'
      . '{"connection":"c2"}],"app_metadata":{},'
      . '"user_metadata":{"app":{"a":{"c":3}}}}',
      '{"email":"a@b.c","app_metadata":{},"user_metadata":{}}' ],
);

for (@fields) {
    my ($fields, $full, $one) = @$_;

    $one = $one =~ s/("email":"a\@b.c",)/$1"name":"n",/r
        if $fields =~ /false/;

    is(body("$list/samlp%7C2?fields=$fields"), $full, "U5.7 by id: $fields");
    is(body("$list/auth0%7C1?fields=$fields"), $one, "U5.7 by id, 1: $fields");
    is(body("$list?fields=$fields"), "[$one]", "U5.7 list: $fields");
    is(body("$list?per_page=5&include_totals=true&fields=$fields"),
       qq({"users":[$one],"start":0,"limit":5,"length":1,"total":1}),
       "U5.7 in an envelope: $fields");
    like(body("$list?q=email:%22f\@b.c%22&fields=$fields"),
         qr/\A\[\Q$full\E[],]/, "U5.7 search: $fields");
    is(body("$list-by-email?email=f\@b.c&fields=$fields"), "[$full]",
       "U5.7 by email: $fields");
}

# The tag is one of these fields.

my %tags;

for my $fields ('', 'app_metadata', 'app_metadata.plan', 'app_metadata.plan.n',
                'app_metadata.plan&include_fields=false')
{
    my $uri = "$list/samlp%7C2?fields=$fields";
    my $tag = $t->get($uri)->header('ETag');

    like($tag, qr{\AW/"v1~v2s\w+"\z}, "H2.2 tag: $fields");
    ok(!$tags{$tag}++, "H2.2 no other's tag: $fields");

    is($t->get($uri, 'If-None-Match' => $tag)->status, 304,
       "H2.2 not modified: $fields");
    is($t->get("$list/samlp%7C2?fields=plan", 'If-None-Match' => $tag)->status,
       200, "H2.2 other fields: $fields");
}

# Names without number and end

my $deep = join '.', 'app_metadata', ('a') x 15;

is(body("$list/auth0%7C1?fields=$deep"), '{"app_metadata":{}}',
   'U5.7 as deep as it may be');

for my $fields ("$deep.a", "user_id,$deep.a,x", '.' x 16, "user_id,$deep%2Ea") {
    for my $uri ("$list/auth0%7C1", $list, "$list-by-email?email=a\@b.c") {
        my $ask = $uri . ($uri =~ /\?/ ? '&' : '?') . "fields=$fields";

        is((body($ask) =~ $invalid)[0], 'fields', "U5.7 too deep: $ask");
        is(asked(), '', "U5.7 no call: $ask");
    }
}

is(body('/late'), '{"name":"n"}', 'U5.3 fields that the response names');

is(body("$list/samlp%7C2?fields=" . join(',', map { "app_metadata.n$_.a.b" }
                                         1 .. 300)),
   '{"app_metadata":{}}', 'U5.7 many');

like(body("$list?foo=1&search_engine=v3&primary_order=false&bar=%FF"),
     qr/\A\[\{"user_id"/, 'U5.1 arguments that are not known');

done_testing;
