#!/usr/bin/perl

# Proves that v1 does not leave where users of v2 are expected, whatever form
# the backend has put it into, and that a client learns what was done for it
# (M1.5, H1.6, U6.2).  It fails when a token gets out, when an empty list is an
# error, or when a create that has succeeded looks like one that has not.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $user = '{"user_id":"auth0|1","plan":"p","identities":[{"access_token":'
           . '"SECRET"}]}';
my $v2 = '{"user_id":"auth0|1","identities":[{}],"app_metadata":{"plan":"p"},'
         . '"user_metadata":{}}';
my $empty = '{"user_id":"auth0|2","app_metadata":{},"user_metadata":{}}';

# What the backend answers, and what becomes of it where users are required:
# undef is a 502.

my @bodies = (
    [ 'user'     => $user, $v2 ],
    [ 'list'     => "[$user, $user]", "[$v2, $v2]" ],
    [ 'none'     => '[]', '[]' ],
    [ 'space'    => " [ \n] ", " [ \n] " ],
    [ 'member'   => qq({"user":$user}) ],
    [ 'envelope' => qq({"users":[$user]}) ],
    [ 'data'     => qq({"data":{"user":$user},"ok":true}) ],
    [ 'nested'   => "[[$user]]" ],
    [ 'deep'     => "[[[$user]]]" ],
    [ 'mixed'    => "[$user,[$user]]" ],
    [ 'object'   => '{}' ],
    [ 'in-list'  => "[$user,{}]" ],
    [ 'wrapped'  => qq([{"user":$user}]) ],
    [ 'number'   => '1' ],
    [ 'string'   => '"SECRET"' ],
    [ 'null'     => 'null' ],
    [ 'scalars'  => qq([$user,"SECRET"]) ],
    [ 'case'     => '{"User_Id":"auth0|1","access_token":"SECRET"}' ],
);

my @types = ('text/plain', 'text/html', 'application/hal+json', '',
             'application/octet-stream', 'text/json', 'application/jsonp');

my %answers = map {
    ("/$_->[0]" => { body => $_->[1] },
     "/201-$_->[0]" => { body => $_->[1], status => 201 })
} @bodies;

for my $i (0 .. $#types) {
    $answers{"/type-$i"} = { body => $user, type => $types[$i] };
}

$answers{'/page'} = { body => qq({"start":0,"users":[$user],"total":1}) };
$answers{'/no-page'} = { body => qq({"start":0,"other":[$user]}) };
$answers{'/odd-page'} = { body => qq({"users":[$user,"SECRET"]}) };
$answers{'/204'} = { status => 204, framing => 'none' };
$answers{'/404'} = { status => 404, body => '{"error":"gone"}' };
$answers{'/job'} = { body => '{"id":"job_1","status":"done"}' };
$answers{'/text'} = { body => "done\n", type => 'text/plain' };
$answers{'/only'} = { body => '[1,[{"a":1}],{}]' };
$answers{'/some'} = { body => qq([1,[{"a":1}],$user,{}]) };
$answers{'/large'} = { body => '[' . "$user," x 2000 . qq({"user":$user}])};

my $backend = $t->backend(\%answers, record => 0);

my @drops = ('Access_Token', 'accessToken', 'ACCESS_TOKEN', 'AccessToken',
             'access__token', '_access_token', 'acce\u017f\u017f_token',
             'refreshToken', 'accessTokenSecret', 'Access_Token_Secret');

my $identities = $t->backend(sub {
    my $conn = shift;

    while (my $request = $conn->read_request) {
        my ($place, $n) = $request->{uri} =~ m{/(\w+)/(\d+)};
        my $token = qq({"provider":"x","$drops[$n]":"SECRET"});

        $conn->answer($request, { body => '{"user_id":"auth0|2",'
            . { list    => qq("identities":[$token]),
                object  => qq("identities":$token),
                nested  => qq("identities":[[$token]]),
                deep    => qq("identities":[{"profileData":{"a":[$token]}}]),
                upper   => qq("Identities":[$token]),
                escaped => qq("i\\u0064entities":[$token]),
                low     => qq("_IDENTITIES":{"a":$token}) }->{$place}
            . '}' });
    }
}, record => 0);

my $locations = '';

for my $where ([ 'v2', 'auth0 api=v2' ], [ 'req', 'auth0 users=required' ],
               [ 'any', 'auth0 users=any' ], [ 'plain', 'auth0' ],
               [ 'v2any', 'auth0 users=any api=v2' ],
               [ 'none', 'auth0 users=none' ],
               [ 'v2none', 'auth0 api=v2 users=none' ],
               [ 'page', 'auth0 api=v2 envelope=users' ]) {
    $locations .= <<"END";
        location /$where->[0]/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite $where->[1];
        }

        location /$where->[0]-dry/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite $where->[1];
            profile_rewrite_dry_run on;
        }
END
}

$t->conf(<<"END");
    include profile/auth0.conf;

    log_format said '\$request_uri \$profile_action \$profile_reason '
                    'applied=\$profile_applied';

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/said.log said;

$locations
        location /some/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
            profile_list page=\$arg_page;
        }

        location /ids/ {
            proxy_pass http://%%BACKEND_1%%/;
            profile_rewrite auth0;
        }

        location = /authed {
            auth_request /auth/text;
            proxy_pass http://%%BACKEND%%/user;
            profile_rewrite auth0 api=v2;
        }

        location /auth/ {
            internal;
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
        }

        location = /typed {
            proxy_pass http://%%BACKEND%%/user;
            proxy_hide_header Content-Type;
            add_header Content-Type text/plain;
            profile_rewrite auth0 users=required;
        }

        location /api/v2/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
        }
    }
END

$t->start;

sub said {
    my ($what) = @_;
    my $line;

    $t->wait(sub {
        ($line) = $t->read_file('said.log') =~ /^\Q$what\E (.*)$/m;
    });

    return $line;
}


for my $where ('v2', 'req') {
    for (@bodies) {
        my ($name, undef, $expected) = @$_;
        my $status = defined $expected ? 200 : 502;

        for my $path ($name, "201-$name") {
            my $r = $t->get("/$where/$path");

            $status = 201 if $status == 200 && $path ne $name;

            is($r->status, $status, "M1.5 $where, $path: status");
            unlike($r->body, qr/SECRET/, "M1.5 $where, $path: no token");

            if (defined $expected) {
                is($r->body, $expected, "M1.5 $where, $path: body");
            } else {
                like($r->body, qr/"errorCode":"invalid_upstream_profile"/,
                     "M1.5 $where, $path: code");
                is(said("/$where/$path"), 'failed no_users applied=-',
                   "M1.5 $where, $path: reason");
            }
        }
    }

    for my $i (0 .. $#types) {
        my $r = $t->get("/$where/type-$i");

        is($r->status, 502, "H1.6 $where, type '$types[$i]'");
        unlike($r->body, qr/SECRET/, "H1.6 $where, '$types[$i]': no token");
        is(said("/$where/type-$i"), 'failed no_users applied=-',
           "H1.6 $where, type '$types[$i]': reason");
        is($t->head("/$where/type-$i?head")->status, 502,
           "H1.6 $where, HEAD, type '$types[$i]'");
    }

    is($t->head("/$where/member?head")->status, 200,
       "H1.6 $where, HEAD: the header only");
    is($t->get("/$where/204")->status, 204, "H1.6 $where, 204");

    my $r = $t->get("/$where/large");

    is($r->status, 200, "M1.5 $where, a long list: status");
    ok(!$r->complete, "M1.5 $where, a long list: cut");
    unlike($r->body, qr/SECRET/, "M1.5 $where, a long list: no token");
}


# Without, all is as it was.

for my $where ('any', 'plain', 'v2any') {
    for (@bodies) {
        my ($name, $v1) = @$_;

        my $r = $t->get("/$where/$name");

        is($r->status, 200, "M1.4 $where, $name: status");
        is(said("/$where/$name") =~ /^passed no_users/ ? $r->body : $v1, $v1,
           "M1.4 $where, $name: what holds no user passes");
    }
}

is($t->get('/any/type-0')->body, $user, 'H1.2 any, another type passes');
is($t->get('/plain/type-0')->body, $user, 'H1.2 not said, it passes');
is(said('/plain/type-0'), 'passed type applied=-', 'H1.2 reason');


# none: bodies pass, the form is v2.

for my $uri ('/job', '/text', '/user', '/member', '/type-1', '/number') {
    for my $where ('none', 'v2none') {
        my $r = $t->get("/$where$uri");

        is($r->status, 200, "H1.6 $where$uri: status");
        is($r->body, $answers{$uri}{body}, "H1.6 $where$uri: body");
        is($r->header('content-length'), length $r->body,
           "H1.6 $where$uri: header");
        is(said("/$where$uri"), 'passed no_users applied=-',
           "H1.6 $where$uri: reason");
    }
}

is($t->request('POST', '/v2none/job?post', ':body' => '{}')->status, 201,
   'H1.6 none, api=v2: 201 to a POST');
is($t->request('DELETE', '/v2none/job?delete')->status, 204,
   'H1.6 none, api=v2: 204 to a DELETE');
like($t->get('/v2none/404')->body, qr/"message":"gone"\}\z/,
     'H1.6 none, api=v2: errors in v2 form');
is($t->get('/none/404')->body, '{"error":"gone"}', 'H1.6 none: errors');


# Dry runs let all pass, and say what would be.

for ([ 'v2-dry', 'would_fail no_users' ], [ 'req-dry', 'would_fail no_users' ],
     [ 'any-dry', 'passed no_users' ]) {
    my ($where, $action) = @$_;

    for my $name ('member', 'nested', 'scalars') {
        is($t->get("/$where/$name")->body, $answers{"/$name"}{body},
           "H1.6 $where, $name: untouched");
        like(said("/$where/$name"),
             $name eq 'scalars' && $where eq 'any-dry' ? qr/^would_rewrite/
                                                       : qr/^\Q$action\E/,
             "H1.6 $where, $name: would be");
    }

    is($t->get("/$where/type-0")->body, $user, "H1.6 $where, type");
}

like(said('/v2-dry/type-0'), qr/^would_fail no_users/, 'H1.6 v2, dry, type');
like(said('/req-dry/type-0'), qr/^would_fail no_users/, 'H1.6 req, dry, type');
like(said('/any-dry/type-0'), qr/^passed type/, 'H1.6 any, dry, type');


# Envelopes and lists of v2.

is($t->get('/page/page')->body, "[$v2]", 'M1.5 M1.7 an envelope that is one');
is($t->get("/page/$_")->status, 502, "M1.5 an envelope, $_")
    for 'no-page', 'odd-page', 'member', 'object';
is($t->get('/some/some')->body, "[$v2]", 'M1.5 users among others');
is($t->get('/some/only')->status, 502, 'M1.5 others only');
is($t->get('/some/none')->body, '[]', 'M1.5 none at all');
is($t->get('/some/nested')->status, 502, 'M1.5 a list in a list');


# What nobody gets is not asked for users.

is($t->get('/authed')->body, $v2, 'H1.6 auth_request');


# Identities.

for my $n (0 .. $#drops) {
    for my $place ('list', 'object', 'nested', 'deep', 'upper', 'escaped',
                   'low') {
        my $r = $t->get("/ids/$place/$n");

        is($r->status, 200, "M4.1 $drops[$n], $place");
        unlike($r->body, qr/SECRET/, "M4.1 $drops[$n], $place: dropped");
        like($r->body, qr/"provider":"x"/, "M4.1 $drops[$n], $place: the rest");
    }
}


# A create that v1 has done.

for my $name ('member', 'number', 'nested') {
    for my $status (200, 201) {
        my $path = ($status == 201 ? '201-' : '') . $name;
        my $r = $t->request('POST', "/api/v2/$path", ':body' => '{}',
                            'Content-Type' => 'application/json');

        is($r->status, 502, "U6.2 $path: status");
        like($r->body, qr/although the backend answered $status: no user/,
             "U6.2 $path: message");
        is(said("/api/v2/$path"), 'failed no_users applied=create',
           "U6.2 $path: applied");
    }
}

my $r = $t->request('POST', '/api/v2/404', ':body' => '{}');

is($r->status, 404, 'U6.2 a create that failed: status');
unlike($r->body, qr/answered|Applied/, 'U6.2 a create that failed: message');
like(said('/api/v2/404'), qr/applied=-/, 'U6.2 a create that failed: applied');

is($t->request('POST', '/api/v2/user', ':body' => '{}')->status, 201,
   'U6.2 a create');
like(said('/api/v2/user'), qr/applied=-/, 'U6.2 a create: nothing failed');

unlike($t->get('/api/v2/member?get')->body, qr/answered/, 'U6.2 no create');

done_testing;
