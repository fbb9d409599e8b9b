#!/usr/bin/perl

# Proves what becomes of v1's lists (U5): pages are checked, users stand in an
# envelope with counts, only what was asked for is in them, v1's links are
# hidden, and all of it while the list streams.  It fails when a list that is
# not what the client asked for looks as if it were, or when a count is a lie.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

sub user {
    my ($n, $email) = @_;

    return sprintf '{"_id":"%d","user_id":"auth0|%d","email":"%s","plan":"p"}',
                   $n, $n, $email // "u$n\@b.c";
}

sub v2 {
    my ($n, $email) = @_;

    return sprintf '{"user_id":"auth0|%d","email":"%s","app_metadata":{"plan":'
                   . '"p"},"user_metadata":{}}', $n, $email // "u$n\@b.c";
}

sub list { return '[' . join(',', map { user($_) } @_) . ']' }

my $next = '<http://h/api/users?page=1>; rel="next"';

my %link = (
    next => [ Link => $next ],
    low  => [ link => lc $next ],
    bare => [ Link => '<http://h/api/users?page=1>; rel=next' ],
    two  => [ Link => '</a>; rel="first"', Link => $next ],
    many => [ Link => '</a>; rel="prev", </b>; rel="next", </c>; rel="last"' ],
    prev => [ Link => '</api/users?page=1>; rel="prev"' ],
);

# The search tells the backend what to answer.

my %answers = (
    ''     => { body => list(1, 2, 3) },
    none   => { body => '[]' },
    spaces => { body => " [ \n" . user(1) . " ,\t" . user(2) . "\n ]\r\n" },
    odd    => { body => '[1,' . user(1) . ',null,"x",[],{"a":1},' . user(2)
                        . ',{}]' },
    object => { body => '{"error":"x","users":[]}' },
    text   => { body => '"x"' },
    cut    => { body => '[' . user(1) },
    bytes  => { body => "\xef\xbb\xbf" . list(1) },
    map({ ("total=$_" => { body => list(1, 2),
                           headers => [ 'X-Total-Count' => $_ ] } )
        } 0, 7, 214, '0042', '000', '-1', '1e3', '7x', ' ', '1' x 18, '9' x 19,
          '9' x 25),
    map({ ("link=$_" => { body => list(1, 2), headers => $link{$_} } )
        } keys %link),
    fields => { body => '[{"user_id":"auth0|1","_id":"i","email":"a","name":"b"'
                        . ',"lastLogin":"c","plan":"d","um_e":"f","n\u0061me2"'
                        . ':1},{"email":"g","user_id":"auth0|2"},'
                        . '{"\u0065mail":"h","identities":[]}]' },
);

sub search {
    my ($conn, $request) = @_;

    my ($search) = $request->{uri} =~ /search=([^&]*)/;

    $search =~ s/%([0-9A-F]{2})/chr hex $1/ge;

    return $answers{$search} // { body => '[' . join(',', (
        user(1, 'joana@example.com'), user(2, 'ana@example.com'),
        user(3, 'ana@example.com.br'), user(4, '\u0061na@exam\u0070le.com'),
        user(5, 'Ana@example.com'), '{"user_id":"auth0|6"}',
        '{"user_id":"auth0|7","email":null}',
        '{"user_id":"auth0|8","email":["ana@example.com"]}',
        '{"user_id":"auth0|9","email":"x","user_metadata":{"email":'
        . '"ana@example.com"}}',
        user(10, 'ana+x@example.com'), user(11, 'a\"b\u00e9@x.y') )) . ']',
        headers => $link{prev} };
}

my $many = join ',', map { user($_) } 1 .. 2000;

my $backend = $t->backend({
    '/api/users' => \&search,
    '/stream' => { body => [ '[' . user(1) . ',' . user(2), \'more',
                             ',' . user(3) . ']' ],
                   framing => 'chunked', headers => [ Link => $next ] },
    '/many' => { body => "[$many]", piece => 5000 },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;

        add_header X-Users $profile_users always;
        set $profile_search_v1 1;
        include profile/gateway.conf;

        location = /stream {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 api=v2;
            profile_buffer_size 0;
            profile_list totals=true per_page=2;
        }

        location = /many {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 api=v2;
            profile_list totals=$arg_totals;
            profile_fields $arg_fields;
        }

        location = /plain {
            proxy_pass http://profile_backend/api/users?search=link=next;
            profile_rewrite auth0;
            profile_list totals=true page=none;
        }

        location = /one {
            proxy_pass http://profile_backend/api/users?search=$arg_search;
            profile_rewrite auth0 api=v2;
            profile_list match=$arg_name:$arg_value;
        }

        location = /name {
            proxy_pass http://profile_backend/api/users?search=$arg_search;
            profile_rewrite auth0 api=v2;
            profile_list page=0 match=name:$arg_value totals=true;
        }
    }
END

$t->start;

my $r;

sub get {
    my ($query) = @_;

    $backend->forget;
    return $t->get("/api/v2/users?$query");
}

sub calls { return join "\n", map { $_->{uri} } $backend->requests }

sub envelope {
    my ($users, $start, $limit, $length, $total) = @_;

    return qq({"users":$users,"start":$start,"limit":$limit,"length":$length,)
           . qq("total":$total});
}

my $three = '[' . join(',', map { v2($_) } 1 .. 3) . ']';
my $two = '[' . join(',', map { v2($_) } 1, 2) . ']';


# U5.1: pages

for (
    [ '', 0, 50 ], [ 'page=0', 0, 50 ], [ 'page=3', 3, 50 ],
    [ 'per_page=1', 0, 1 ], [ 'per_page=100', 0, 100 ], [ 'page=', 0, 50 ],
    [ 'per_page=', 0, 50 ],
    [ 'page=1000000000&per_page=100', '1000000000', 100 ],
    [ 'page=%31', 1, 50 ], [ 'page=2&page=x', 2, 50 ],
    [ 'per_page=7&include_totals=false', 0, 7 ],
    [ 'include_totals=FALSE', 0, 50 ], [ 'include_totals=0', 0, 50 ],
) {
    my ($query, $page, $per_page) = @$_;

    $r = get($query);

    is($r->status, 200, "U5.1 status: $query");
    is($r->body, $three, "U5.1 body: $query");
    is(calls(), "/api/users?per_page=$per_page&page=$page&search=",
       "U5.1 call: $query");
}

for (
    map({ my $value = $_;
          map { [ "$_=$value", $_ ] } 'page', 'per_page' }
        'x', '-1', '+1', '1.0', '1e1', '0x1', '1%00', '%31x', ' 1', '1%20',
        '1+', '%D9%A1', '9' x 19, '9' x 25, '18446744073709551616', 'null'),
    [ 'page=1000000001', 'page' ], [ 'per_page=101', 'per_page' ],
    [ 'per_page=101&include_totals=true', 'per_page' ],
    [ 'page=x&per_page=y', 'page' ],
    [ 'page=2147483648&include_totals=true', 'page' ],
) {
    my ($query, $name) = @$_;

    next if $query =~ / /;

    $r = get($query);

    is($r->status, 400, "U5.1 status: $query");
    is($r->body, '{"statusCode":400,"error":"Bad Request","message":"The '
       . qq(argument \\"$name\\" of the request is invalid.","errorCode":)
       . '"invalid_query_string"}', "U5.1 body: $query");
    is(calls(), '', "U5.1 no call: $query");
}


# U5.2: the envelope

for (
    [ 'include_totals=true', $three, 0, 50, 3, 3 ],
    [ 'include_totals=true&page=2&per_page=10', $three, 20, 10, 3, 23 ],
    [ 'include_totals=true&page=1000000000&per_page=100', $three,
      '100000000000', 100, 3, '100000000003' ],
    [ 'include_totals=true&per_page=0&q=none', '[]', 0, 0, 0, 0 ],
    [ 'include_totals=true&page=4&per_page=0&q=none', '[]', 0, 0, 0, 0 ],
    [ 'include_totals=true&page=1&q=none', '[]', 50, 50, 0, 0 ],
    [ 'include_totals=true&q=odd', $two, 0, 50, 2, 2 ],
    [ 'include_totals=true&q=bytes', '[' . v2(1) . ']', 0, 50, 1, 1 ],
    map({ [ "include_totals=true&q=total%3D$_", $two, 0, 50, 2, $_ ] }
        7, 214, '1' x 18),
    [ 'include_totals=true&q=total%3D0042', $two, 0, 50, 2, 42 ],
    map({ [ "include_totals=true&q=total%3D$_", $two, 0, 50, 2, 2 ] }
        '0', '000', '-1', '1e3', '7x', '%20', '9' x 19, '9' x 25),
    map({ [ "include_totals=true&q=link%3D$_", $two, 0, 50, 2, 3 ] }
        'next', 'low', 'bare', 'two', 'many'),
    [ 'include_totals=true&q=link%3Dprev', $two, 0, 50, 2, 2 ],
    [ 'include_totals=true&q=link%3Dnext&page=3&per_page=2', $two, 6, 2, 2, 9 ],
) {
    my ($query, @parts) = @$_;

    $r = get($query);

    is($r->status, 200, "U5.2 status: $query");
    is($r->body, envelope(@parts), "U5.2 envelope: $query");
    ok($r->complete, "U5.2 whole: $query");
    ok(eval { decode_json($r->body) }, "U5.2 JSON: $query");
}

is(get('include_totals=true')->header('X-Users'), 3, 'U5.2 counted');

# Only users are in a list of v2.

is(get('q=odd')->body, $two, 'U5.2 a bare list too');
is(get('q=spaces')->body, " $two\r\n",
   'U5.2 without the white space between users');
is(get('q=spaces&include_totals=true')->body,
   ' ' . envelope($two, 0, 50, 2, 2) . "\r\n", 'U5.2 in an envelope too');
is(get('q=none')->body, '[]', 'U5.2 an empty one');

# What is no list is not made one.

is(get('q=object&include_totals=true')->status, 502, 'M1.5 an object');
is(get('q=text&include_totals=true')->status, 502, 'M1.5 a string');
is(get('q=cut&include_totals=true')->status, 502, 'H4.1 a list that is cut');


# U5.3: fields

my @fields = (
    [ 'user_id', '{"user_id":"auth0|1"},{"user_id":"auth0|2"},{}' ],
    [ 'user_id%2Cemail', '{"user_id":"auth0|1","email":"a"},{"email":"g",'
      . '"user_id":"auth0|2"},{"\u0065mail":"h"}' ],
    [ 'email', '{"email":"a"},{"email":"g"},{"\u0065mail":"h"}' ],
    [ 'email,email', '{"email":"a"},{"email":"g"},{"\u0065mail":"h"}' ],
    [ 'last_login', '{"last_login":"c"},{},{}' ],
    [ 'lastLogin,_id', '{},{},{}' ],
    [ 'app_metadata', '{"app_metadata":{"plan":"d","n\u0061me2":1}},'
      . '{"app_metadata":{}},{"app_metadata":{}}' ],
    [ 'user_metadata,name', '{"name":"b","user_metadata":{"e":"f"}},'
      . '{"user_metadata":{}},{"user_metadata":{}}' ],
    [ 'plan,um_e,e', '{},{},{}' ],
    [ 'nothing', '{},{},{}' ],
    [ 'emai,emaill,EMAIL,e%20mail', '{},{},{}' ],
    [ ',,', '{},{},{}' ],
    [ 'identities,name', '{"name":"b"},{},{"identities":[]}' ],
);

for (@fields) {
    my ($names, $users) = @$_;

    is(get("q=fields&fields=$names")->body, "[$users]", "U5.3 fields=$names");
    is(get("q=fields&fields=$names&include_fields=true")->body, "[$users]",
       "U5.3 include_fields=true, $names");
    is(get("q=fields&fields=$names&include_totals=true")->body,
       envelope("[$users]", 0, 50, 3, 3), "U5.3 in an envelope, $names");
}

for (
    [ 'user_id,app_metadata,name', '{"email":"a","last_login":"c",'
      . '"user_metadata":{"e":"f"}},{"email":"g","user_metadata":{}},'
      . '{"\u0065mail":"h","identities":[],"user_metadata":{}}' ],
    [ 'email,identities,app_metadata,user_metadata,name,last_login',
      '{"user_id":"auth0|1"},{"user_id":"auth0|2"},{}' ],
    [ 'email,identities,app_metadata,user_metadata,name,last_login,user_id',
      '{},{},{}' ],
) {
    my ($names, $users) = @$_;

    is(get("q=fields&fields=$names&include_fields=false")->body, "[$users]",
       "U5.3 without $names");
}

is(get("q=fields&fields=$_&include_fields=False&include_totals=True")->body,
   envelope('[{},{},{}]', 0, 50, 3, 3), "U5.2 U5.3 as Python writes it, $_")
    for 'email,identities,app_metadata,user_metadata,name,last_login,user_id';

my $all = get('q=fields')->body;

for my $query ('fields=', 'include_fields=false',
               'fields=&include_fields=false',
               'fields=none&include_fields=false')
{
    is(get("q=fields&$query")->body, $all, "U5.3 all: $query");
}

is(get('q=fields&fields=user_id')->header('X-Users'), 3, 'U5.3 counted');


# U5.4: exact matches

sub by_email { return $t->get("/api/v2/users-by-email?$_[0]") }

my $ana = '[' . v2(2, 'ana@example.com') . ','
          . v2(4, '\u0061na@exam\u0070le.com') . ']';

is(by_email('email=ana%40example.com')->body, $ana, 'U5.4 exact matches');
is(by_email('email=ana@example.com&fields=user_id')->body,
   '[{"user_id":"auth0|2"},{"user_id":"auth0|4"}]', 'U5.4 and fields');
is(by_email('email=ana@example.com&fields=email&include_fields=false')->body,
   $ana =~ s/"email":"[^"]+",//gr, 'U5.4 and fields without the e-mail');
is(by_email('email=ana%2Bx@example.com')->body,
   '[' . v2(10, 'ana+x@example.com') . ']', 'U5.4 a plus sign');
is(by_email('email=ANA@example.com')->body, '[]', 'U5.4 letter case counts');
is(by_email('email=none@example.com')->body, '[]', 'U5.4 nobody');
is(by_email('email=none')->body, '[]', 'U5.4 an empty list is one');
is(by_email('email=x&include_totals=true')->body,
   '[{"user_id":"auth0|9","email":"x","app_metadata":{},"user_metadata":'
   . '{"email":"ana@example.com"}}]', 'U5.4 no envelope');

is($t->get('/name?search=fields&value=b')->body,
   envelope('[{"user_id":"auth0|1","email":"a","name":"b","last_login":"c",'
            . '"app_metadata":{"plan":"d","n\u0061me2":1},"user_metadata":'
            . '{"e":"f"}}]', 0, 50, 1, 1), 'U5.4 with totals');
is($t->get('/name?search=fields&value=')->body, envelope('[]', 0, 50, 0, 0),
   'U5.4 an empty value matches no user without it');


# U5.5: links

for my $query ('q=link%3Dnext', 'q=link%3Dtwo&include_totals=true') {
    my @link = get($query)->header('Link');

    is(scalar @link, 0, "U5.5 $query");
}

my @link = by_email('email=ana@example.com')->header('Link');

is(scalar @link, 0, 'U5.5 by e-mail');

for my $method (qw(GET HEAD)) {
    $r = $t->request($method, '/name?search=link%3Dtwo');
    @link = $r->header('Link');

    is($r->status, 200, "U5.5 without proxy_hide_header: $method");
    is(scalar @link, 0, "U5.5 hidden without proxy_hide_header: $method");
}

$r = $t->get('/plain');

is($r->status, 200, 'U5 no list of v2 without api=v2');
is($r->body, $two, 'U5 no envelope without api=v2');
is($r->header('Link'), $next, 'U5 nothing is hidden without api=v2');


# U5.2, U5.3: all that while it streams

my $c = $t->connect;

$c->send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");

$r = $c->head;

is($r->framing, 'chunked', 'U5.2 streamed');
is($r->header('Link'), undef, 'U5.5 hidden, streamed');
ok($c->read_until($r, qr/auth0\|1/), 'U5.2 the first user comes first');
unlike($r->body, qr/auth0\|3|total/, 'U5.2 before the last one is there');

$backend->open_gate('more');
$c->finish($r);

is($r->body, envelope($three, 0, 2, 3, 4), 'U5.2 the counts come last');

my $users = join ',', map { v2($_) } 1 .. 2000;

is($t->get('/many')->body, "[$users]", 'U5 2000 users');
is($t->get('/many?totals=true')->body, envelope("[$users]", 0, 50, 2000, 2000),
   'U5.2 2000 users in an envelope');
is($t->get('/many?fields=user_id&totals=true')->body,
   envelope('[' . join(',', map { qq({"user_id":"auth0|$_"}) } 1 .. 2000)
            . ']', 0, 50, 2000, 2000), 'U5.3 2000 users, in part');

# HEAD

$r = $t->head('/api/v2/users?include_totals=true');

is($r->status, 200, 'U5 HEAD');
is($r->header('Content-Length'), undef, 'U5 HEAD: no length');
is($t->head('/api/v2/users?page=x')->status, 400, 'U5.1 HEAD of a bad page');

done_testing;
