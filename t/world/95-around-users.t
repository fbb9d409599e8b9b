#!/usr/bin/perl

# Proves that a v1 API which puts its users into envelopes and objects, counts
# them in its bodies and its pages from 1 on, is one of v2 in each call: lists,
# searches, totals, one user, creates and updates (M1.3, M1.5 to M1.7, U5.2,
# U5.8, U10, U4.7).  It fails when something of what is around users gets out,
# when another form than the location says is taken for it, when v1 is asked for
# another page, or when a total is not what v1 says.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

sub v1 {
    my ($n) = @_;

    return qq({"user_id":"auth0|$n","plan":"p$n",)
           . '"identities":[{"access_token":"SECRET"}]}';
}

sub v2 {
    my ($n) = @_;

    return qq({"user_id":"auth0|$n","identities":[{}],)
           . qq("app_metadata":{"plan":"p$n"},"user_metadata":{}});
}

sub wrapped { return '{"rank":"SECRET","account":' . $_[0] . ',"x":[1]}' }

my $one = wrapped(v1(1));

# What is no list, or no user, in the form that the location says.

my %odd = (
    'absent'         => '{"data":{"other":[' . $one . ']},"accounts":[]}',
    'null'           => '{"data":{"accounts":null},"a":' . v1(1) . '}',
    'object'         => '{"data":{"accounts":' . $one . '}}',
    'way is a list'  => '{"data":[{"accounts":[' . $one . ']}]}',
    'way is null'    => '{"data":null,"accounts":[' . $one . ']}',
    'empty object'   => '{}',
    'strangers'      => '{"data":{"accounts":[{"account":{"token":"SECRET"}},'
                        . '7,["SECRET"],{}]}}',
    'twice'          => '{"data":{"accounts":[' . $one . '],"accounts":[]}}',
    'way twice'      => '{"data":{"accounts":[' . $one . ']},"data":"SECRET"}',
    'text'           => '"SECRET"',
    'number'         => '7',
    'nothing'        => '',
    'cut'            => '{"data":{"accounts":[' . $one,
    'behind'         => '{"data":{"accounts":[' . $one . ']}} SECRET',
    'wrapper is 5'   => '{"account":5,"token":"SECRET"}',
    'wrapper absent' => '{"accounts":' . v1(1) . '}',
    'no user in it'  => '{"account":{"token":"SECRET"}}',
    'list in it'     => '{"account":[' . v1(1) . ']}',
    'user then null' => '{"account":' . v1(1) . ',"account":null}',
);

# What has a user all the same, without the list, the object or both.

my %bare = (
    'bare user'      => v1(1),
    'bare list'      => '[' . v1(1) . ']',
    'one alone'      => $one,
    'bare elements'  => '{"data":{"accounts":[' . v1(1) . ']}}',
    'mixed elements' => '{"data":{"accounts":[' . v1(2) . ",$one]}}",
    'bare and null'  => '{"account":null,"data":{"accounts":5},'
                        . substr(v1(1), 1),
);

my %forms = (
    html    => { type => 'text/html', body => '<p>SECRET</p>' },
    untyped => { type => '', body => "{\"data\":{\"accounts\":[$one]}}" },
    203     => { status => 203, body => "{\"data\":{\"accounts\":[$one]}}" },
    202     => { status => 202, body => "{\"data\":{\"accounts\":[$one]}}" },
    206     => { status => 206, body => "{\"data\":{\"accounts\":[$one]}}",
                 headers => [ 'Content-Range' => 'bytes 0-9/99' ] },
);

sub odd { return { body => $odd{ $_[0] } // $bare{ $_[0] } } }

sub list {
    my ($conn, $request) = @_;

    my %arg = $request->{uri} =~ /[?&](\w+)=(\w*)/g;
    my $headers = $request->{headers};
    my ($users, $total) = (25, $headers->{'x-total'} // 'count');

    $users = 26 if $headers->{'x-grows'} && $arg{page} > 1;

    return odd($headers->{'x-odd'}) if $headers->{'x-odd'};
    return $forms{ $headers->{'x-form'} } if $headers->{'x-form'};

    my $first = ($arg{page} - 1) * $arg{size};
    my $last = $first + $arg{size} - 1;

    $last = $users - 1 if $last >= $users;

    my $list = '"accounts":[' . join(' , ', map { wrapped(v1($_)) }
                                            $first .. $last) . ']';

    $total = $users if $total eq 'count';

    my $meta = $total eq 'none' ? '"meta":{}' : "\"meta\":{\"total\":$total}";
    my $body = $headers->{'x-behind'}
               ? " {\"data\":{\"a\":[1],$list,\"b\":{}},$meta,\"c\":1}\n"
               : "{$meta,\"user_id\":1,\"data\":{$list},\"identities\":[]}";

    return { body => $body, gzip => $headers->{'x-gzip'} ? 1 : 0,
             $headers->{'x-bytes'} ? (framing => 'chunked', chunk => 1) : (),
             headers => [ ETag => '"e"', $headers->{'x-header'}
                          ? ('X-Count' => $headers->{'x-header'}) : () ] };
}

my $profile = '{"user_id":"auth0|1","email":"a@b.c","blocked":false,'
              . '"identities":[{"access_token":"SECRET"}],"plan":"x"}';

my $backend = $t->backend({
    '/accounts' => \&list,
    '/accounts/1' => sub {
        my ($conn, $request) = @_;
        my $headers = $request->{headers};

        return odd($headers->{'x-odd'}) if $headers->{'x-odd'};
        return $forms{ $headers->{'x-form'} } if $headers->{'x-form'};

        return { body => wrapped($profile), headers => [ ETag => '"e"' ],
                 gzip => $headers->{'x-gzip'} ? 1 : 0 };
    },
    '/accounts/1/metadata' => { body => '{}' },
    '/new' => { status => 201, body => wrapped($profile) },
});

my $list = <<'END';
            proxy_pass http://%%BACKEND%%/accounts?$asked;
            proxy_set_header Accept-Encoding gzip;
            add_header X-Total $profile_total always;
            profile_guard auth0 mode=v2;
            profile_list page=$profile_arg_page per_page=$profile_arg_per_page
                         totals=$profile_arg_include_totals
                         total=$upstream_http_x_count
                         total_member=meta.total first_page=1;
END

my $numbers = 'page=$profile_page&size=$profile_per_page&from=$profile_offset';
my $page = 'page=$profile_walk_page&size=$profile_walk_size'
           . '&from=$profile_walk_offset';

my $form = 'envelope=data.accounts wrapper=account';

$t->conf(<<"END");
    include profile/auth0.conf;

    map \$host \$asked {
        default $numbers;
    }

    log_format dry '\$profile_action \$profile_reason \$profile_users';

    server {
        listen 127.0.0.1:%%PORT%%;

        location = /v2/accounts {
            $list
            profile_rewrite auth0 api=v2 $form;
            profile_walk /.page query=\$profile_arg_q sort=\$profile_arg_sort
                         count=probe size=10;
        }

        location = /v2/ahead {
            $list
            profile_rewrite auth0 api=v2 $form;
            profile_walk /.page query=\$profile_arg_q size=10 parallel=2;
        }

        location = /v2/plain {
            $list
            profile_rewrite auth0 api=v2 $form;
        }

        location = /v2/plain/envelope {
            $list
            profile_rewrite auth0 api=v2 envelope=data.accounts;
        }

        location = /rewritten {
            proxy_pass http://%%BACKEND%%/accounts?page=1&size=2;
            proxy_set_header Accept-Encoding gzip;
            profile_rewrite auth0 $form;
        }

        location = /required {
            proxy_pass http://%%BACKEND%%/accounts?page=1&size=2;
            profile_rewrite auth0 users=required $form;
        }

        location = /dry {
            proxy_pass http://%%BACKEND%%/accounts?page=1&size=2;
            profile_rewrite auth0 api=v2 $form;
            profile_rewrite_dry_run on;
            access_log %%DIR%%/dry.log dry;
        }

        location = /entries {
            proxy_pass http://%%BACKEND%%/accounts?\$asked;
            profile_rewrite auth0 api=v2 users=none;
            profile_list page=\$arg_page per_page=\$arg_per_page entries=logs;
        }

        location = /v2/new {
            proxy_pass http://%%BACKEND%%/new;
            profile_rewrite auth0 api=v2 wrapper=account;
        }

        location /v2/accounts/ {
            proxy_pass http://%%BACKEND%%/accounts/;
            proxy_set_header Accept-Encoding gzip;
            profile_user_id /v2/accounts/*;
            profile_rewrite auth0 api=v2 wrapper=account;
            profile_guard auth0 mode=v2;
            profile_call metadata /.metadata;
            profile_call read /.read\$arg_read;
        }

        location = /.page {
            internal;
            proxy_set_header Accept-Encoding gzip;
            proxy_pass http://%%BACKEND%%/accounts?$page;
        }

        location = /.metadata {
            include profile/call.conf;
            profile_rewrite off;
            proxy_method PATCH;
            proxy_pass http://%%BACKEND%%/accounts/1/metadata;
        }

        location = /.read {
            internal;
            proxy_pass http://%%BACKEND%%/accounts/1;
            proxy_method GET;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            profile_guard off;
            profile_rewrite auth0 api=v2 wrapper=account;
        }

        location = /.read-bare {
            internal;
            proxy_pass http://%%BACKEND%%/accounts/1;
            proxy_method GET;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            profile_guard off;
            profile_rewrite auth0 api=v2;
        }

        location = /.read-list {
            internal;
            proxy_pass http://%%BACKEND%%/accounts?page=1&size=1;
            proxy_method GET;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            profile_guard off;
            profile_rewrite auth0 api=v2 $form;
        }
    }
END

$t->start;

sub asked { return join ' ', map { $_->{uri} } $backend->requests }

sub ask {
    my ($method, $uri, %headers) = @_;

    $backend->forget;

    my $r = $t->request($method, $uri, %headers);

    unlike($r->body, qr/SECRET|rank|meta"/, "M1.7 $method $uri: nothing of v1")
        unless $uri =~ m{^/(?:rewritten|required|dry|entries)};

    return $r;
}

sub users { return '[' . join(',', map { v2($_) } @_) . ']' }

my $r;


# U5.8: what v1 is asked for.

for my $case (
    [ '', 1, 50, 0 ],
    [ 'page=0', 1, 50, 0 ],
    [ 'page=2&per_page=20', 3, 20, 40 ],
    [ 'page=0000007&per_page=007', 8, 7, 49 ],
    [ 'per_page=100&page=3', 4, 100, 300 ],
    [ 'page=1000000000&per_page=100', 1000000001, 100, 100000000000 ],
    [ 'per_page=0', 1, 1, 0 ],
    [ 'per_page=00&page=5', 1, 1, 0 ],
    [ 'page=&per_page=', 1, 50, 0 ],
) {
    my ($query, $page, $size, $from) = @$case;
    my $uri = "/accounts?page=$page&size=$size&from=$from";

    for my $method ('GET', 'HEAD') {
        is(ask($method, "/v2/plain?$query")->status, 200,
           "U5.8 $method, '$query': status");
        is(asked(), $uri, "U5.8 $method, '$query': asked for");
    }
}

for my $query ('page=-1', 'page=x', 'page=1.5', 'page=1000000001',
               'per_page=101', 'per_page=x', 'per_page=%31x', 'page=%00') {
    for my $method ('GET', 'HEAD') {
        is(ask($method, "/v2/plain?$query")->status, 400,
           "U5.8 $method, '$query': refused");
        is(asked(), '', "U5.8 $method, '$query': nothing is asked for");
    }
}

ask('GET', '/entries?page=2&per_page=20');
is(asked(), '/accounts?page=2&size=20&from=40', 'U5.8 entries, from 0 on');


# M1.7: lists, in each way.

for my $way ([], [ 'X-Behind' => 1 ], [ 'X-Gzip' => 1 ], [ 'X-Bytes' => 1 ],
             [ 'X-Behind' => 1, 'X-Bytes' => 1, 'X-Gzip' => 1 ]) {
    my $space = $way->[0] && $way->[0] eq 'X-Behind';
    my ($before, $after) = $space ? (' ', "\n") : ('', '');

    $r = ask('GET', '/v2/plain?per_page=2&page=1', @$way);

    is($r->status, 200, "M1.7 a list, @$way: status");
    is($r->body, $before . users(2, 3) . $after, "M1.7 a list, @$way");

    $r = ask('GET', '/v2/plain?per_page=2&page=1&include_totals=true', @$way);

    is($r->body, $before . '{"users":' . users(2, 3)
       . ',"start":2,"limit":2,"length":2,"total":25}' . $after,
       "U5.2 totals, @$way");
    is($r->header('x-total'), 'exact', "U5.2 totals, @$way: exact");

    $r = ask('GET', '/v2/plain?per_page=2&page=90', @$way);

    is($r->body, "$before\[]$after", "M1.7 nobody, @$way");

    $r = ask('GET', '/rewritten', @$way);

    is($r->body =~ s/\s//gr,
       $space ? '{"data":{"a":[1],"accounts":[' . wrapped(v2(0)) . ','
                . wrapped(v2(1)) . '],"b":{}},"meta":{"total":25},"c":1}'
              : '{"meta":{"total":25},"user_id":1,"data":{"accounts":['
                . wrapped(v2(0)) . ',' . wrapped(v2(1)) . ']},"identities":[]}',
       "M1.6 what is around them passes, @$way");
}

for my $case ([ 'none', 3, 'bound' ], [ '"25"', 3, 'bound' ],
              [ '-1', 3, 'bound' ], [ '2.5', 3, 'bound' ],
              [ '1', 2, 'exact' ], [ '0', 2, 'exact' ],
              [ '9999999999999999999', '9999999999999999999', 'exact' ],
              [ '99999999999999999999', 3, 'bound' ]) {
    my ($total, $want, $how) = @$case;

    for my $way ([], [ 'X-Behind' => 1 ]) {
        $r = ask('GET', '/v2/plain?per_page=2&include_totals=1',
                 'X-Total' => $total, @$way);

        $want = 2 if $how eq 'bound';

        like($r->body, qr/"total":$want\}\s*\z/, "U5.2 $total, @$way");
        is($r->header('x-total'), $how, "U5.2 $total, @$way: $how");
    }
}

$r = ask('GET', '/v2/plain?per_page=2&include_totals=1', 'X-Header' => 7);
like($r->body, qr/"total":7\}\z/, 'U5.2 the header goes first');


# M1.5: what has another form.

for my $name (sort keys %odd) {
    for my $uri ('/v2/plain', '/v2/plain?include_totals=true',
                 '/v2/accounts?q=app_metadata.plan:p1',
                 '/v2/accounts?sort=plan:1',
                 '/v2/accounts?include_totals=true') {
        $r = ask('GET', $uri, 'X-Odd' => $name);

        is($r->status, 502, "M1.5 $name, $uri: status");
        like($r->body, qr/"statusCode":502/, "M1.5 $name, $uri: answer");
    }

    is($t->get('/required', 'X-Odd' => $name)->status, 502,
       "M1.5 $name, required") unless $name eq 'twice' || $name eq 'way twice';

    $r = ask('GET', '/v2/accounts/1', 'X-Odd' => $name);
    is($r->status, 502, "M1.5 one user, $name");
}


# M1.3, M1.6: the rest is read as if the envelope, or the object, had not been
# said.

for my $name (sort keys %bare) {
    my $user = v2(1);

    $user =~ s/_metadata":\{\K/"data":{"accounts":5},/
        if $name eq 'bare and null';

    for my $uri ('/v2/accounts?q=app_metadata.plan:p1',
                 '/v2/accounts?q=app_metadata.plan:p1&sort=plan:1') {
        $r = ask('GET', $uri, 'X-Odd' => $name);
        is($r->body, "[$user]", "M1.6 $name, $uri");
    }

    my $users = $name eq 'mixed elements' ? v2(2) . ",$user" : $user;

    for my $uri ('/v2/plain', '/v2/accounts/1') {
        next if $name =~ /elements/ && $uri ne '/v2/plain';

        $r = ask('GET', $uri, 'X-Odd' => $name);
        is($r->body, $name =~ /list|elements/ ? "[$users]" : $users,
           "M1.6 $name, $uri");
    }

    $r = $t->get('/required', 'X-Odd' => $name);
    is($r->status, 200, "M1.6 $name, required: status");
    unlike($r->body =~ s/"rank":"SECRET"//gr, qr/SECRET/,
           "M1.6 $name, required: no token");
}

for my $name (sort keys %forms) {
    for my $uri ('/v2/plain', '/v2/accounts?q=app_metadata.plan:p1',
                 '/v2/accounts/1') {
        $r = ask('GET', $uri, 'X-Form' => $name);

        is($r->status, 502, "M1.5 $name, $uri: status");
        like($r->body, qr/"statusCode":502/, "M1.5 $name, $uri: answer");
    }
}

# Without the wrapper what is in it is no user.

$r = ask('GET', '/v2/plain/envelope');
is($r->status, 502, 'M1.5 an envelope, and wrappers that nobody said');


# A dry run

$r = ask('GET', '/dry');
is($r->body, '{"meta":{"total":25},"user_id":1,"data":{"accounts":['
   . wrapped(v1(0)) . ' , ' . wrapped(v1(1)) . ']},"identities":[]}',
   'H4.1 a dry run: untouched');
ask('GET', '/dry', 'X-Odd' => 'absent');
ok($t->wait(sub { $t->read_file('dry.log') =~ /would_rewrite - 2\n(?#
   )would_fail no_users 0\n/ }), 'H4.1 a dry run: what would be');


# H2.2: the tag is that of the form.

my %tags = map { ask('GET', $_)->header('etag') // '' => $_ }
           '/v2/plain', '/rewritten';

is(scalar keys %tags, 2, 'H2.2 a tag for each form');

my ($tag) = grep { $tags{$_} eq '/v2/plain' } keys %tags;

is(ask('GET', '/v2/plain', 'If-None-Match' => $tag)->status, 200,
   'H2.2 that v1 does not confirm');


# U10: walks.

my $pages = join ' ', map { "/accounts?page=$_&size=10&from=" . ($_ - 1) * 10 }
                      1 .. 3;

for my $way ([], [ 'X-Behind' => 1 ], [ 'X-Gzip' => 1, 'X-Bytes' => 1 ]) {
    $r = ask('GET', '/v2/accounts?q=app_metadata.plan:(p20%20OR%20p3)'
                    . '&per_page=100&include_totals=true', @$way);

    is($r->body, '{"users":' . users(3, 20)
       . ',"start":0,"limit":100,"length":2,"total":2}', "U10.2 found, @$way");
    is(asked(), $pages, "U10.2 U5.8 the pages, @$way");
}

$r = ask('GET', '/v2/accounts?sort=user_id:-1&per_page=2');
is($r->body, users(9, 8), 'U10.4 sorted');
is(asked(), $pages, 'U10.4 the pages');

# What v1 counts changes while its pages are read.

for my $way ([ 'X-Behind' => 1 ], []) {
    my $seen = length $t->log;

    $r = ask('GET', '/v2/accounts?q=app_metadata.plan:p25&include_totals=true',
             'X-Grows' => 1, @$way);

    like($r->body, qr/"total":1\}\z/, "U10.2 all is read anew, @$way: found");
    is(asked(), "/accounts?page=1&size=10&from=0 "
                . "/accounts?page=2&size=10&from=10 $pages",
       "U10.2 all is read anew, @$way: asked for");
    like(substr($t->log, $seen), qr/v1 had "25" users and has "26": its pages/,
         "U10.2 all is read anew, @$way: logged");
}

$r = ask('GET', '/v2/accounts?q=app_metadata.plan:p25&include_totals=true',
         'X-Grows' => 1, 'X-Total' => 'none');
is(asked(), $pages, 'U10.2 where v1 does not count, once');

# count=probe

$r = ask('GET', '/v2/accounts?per_page=2&include_totals=true');
like($r->body, qr/"total":25\}\z/, 'U10.4 v1 counts: the total');
is($r->header('x-total'), 'exact', 'U10.4 v1 counts: exact');
is(asked(), '/accounts?page=3&size=1&from=2 /accounts?page=1&size=2&from=0',
   'U10.4 v1 counts: one call and the list');

$r = ask('GET', '/v2/accounts?per_page=2&include_totals=true',
         'X-Total' => 'none');
like($r->body, qr/"total":25\}\z/, 'U10.4 v1 does not count: the total');
is($r->header('x-total'), 'exact', 'U10.4 v1 does not count: exact');
like(asked(), qr{^(?:/accounts\?page=\d+&size=1&from=\d+ ){5,}(?#
   )/accounts\?page=1&size=2&from=0\z},
     'U10.4 v1 does not count: single users');


# One user: read, created, updated.

my $v2 = '{"user_id":"auth0|1","email":"a@b.c","blocked":false,'
         . '"identities":[{}],"app_metadata":{"plan":"x"},"user_metadata":{}}';

is(ask('GET', '/v2/accounts/1')->body, $v2, 'M1.7 one user');
is(ask('GET', '/v2/accounts/1', 'X-Gzip' => 1)->body, $v2, 'M1.7 packed');

$r = ask('POST', '/v2/new', ':body' => '{}',
         'Content-Type' => 'application/json');
is($r->status, 201, 'M1.7 a create: status');
is($r->body, $v2, 'M1.7 a create');

sub patch {
    my ($uri, $body, %headers) = @_;

    return ask('PATCH', $uri, 'Content-Type' => 'application/json',
               ':body' => $body, %headers);
}

sub calls {
    return join ', ', map { "$_->{method} $_->{uri}"
                            . ($_->{body} ne '' ? " $_->{body}" : '') }
                      $backend->requests;
}

my $read = 'GET /accounts/1';

$r = patch('/v2/accounts/1', '{"blocked":false,"app_metadata":{"a":1}}');
is($r->status, 200, 'U4.7 what is stored is left out: status');
is($r->body, $v2, 'U4.7 what is stored is left out: answer');
is(calls(), "$read, PATCH /accounts/1/metadata {\"a\":1}, $read",
   'U4.7 what is stored is left out: calls');

$r = patch('/v2/accounts/1', '{"blocked":true,"app_metadata":{"a":1}}');
is($r->status, 400, 'U4.7 what differs: status');
is(calls(), $read, 'U4.7 what differs: nothing is written');

for my $where ('-bare', '-list') {
    $r = patch("/v2/accounts/1?read=$where",
               '{"blocked":false,"app_metadata":{"a":1}}');

    is($r->status, 502, "U4.7 another form, $where: status");
    unlike(calls(), qr/PATCH/, "U4.7 another form, $where: nothing is written");
}

for my $name ('wrapper is 5', 'no user in it', 'nothing',
              'list in it') {
    $r = patch('/v2/accounts/1', '{"blocked":false,"app_metadata":{"a":1}}',
               'X-Odd' => $name);

    is($r->status, 502, "U4.7 $name: status");
    is(calls(), $read, "U4.7 $name: nothing is written");
}


# Pages that are asked for ahead may come to the backend after the answer: last.

for my $way ([ 'X-Behind' => 1 ], []) {
    my $seen = length $t->log;

    $r = ask('GET', '/v2/ahead?q=app_metadata.plan:p25', 'X-Grows' => 1, @$way);

    is($r->body, users(25), "U10.2 all is read anew, ahead, @$way: found");
    like(substr($t->log, $seen), qr/and has "26": its pages/,
         "U10.2 all is read anew, ahead, @$way: logged");
}

done_testing;
