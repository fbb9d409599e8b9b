#!/usr/bin/perl

# Proves the limits of the rewriter (M6) to the byte and to the level, where
# they begin to count, and what the directives take.  It fails when a limit is
# off by one, adds up over users, or bounds what streams.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');


# A user of so many bytes, as v1 and as v2.

sub user {
    my ($size) = @_;

    my $pad = 'x' x ($size - length '{"user_id":"auth0|1","email":""}');

    return (qq({"user_id":"auth0|1","email":"$pad"}),
            qq({"user_id":"auth0|1","email":"$pad","app_metadata":{},)
            . '"user_metadata":{}}');
}


# An object of so many bytes that is no user, an array, a string.

sub object { return '{"error":"' . 'x' x ($_[0] - 12) . '"}' }
sub array  { return '[' . ' ' x ($_[0] - 2) . ']' }
sub string { return '"' . 'x' x ($_[0] - 2) . '"' }

sub nested {
    my ($depth) = @_;

    return '[' x $depth . ']' x $depth;
}

sub nested_objects {
    my ($depth) = @_;

    return '{"a":' x ($depth - 1) . '{}' . '}' x ($depth - 1);
}


my (%body, %want);
my $count = 0;

# Registers a body and what becomes of it: a text, or a reason.

sub body {
    my ($body, $want) = @_;

    my $uri = ($body =~ /\A\{"users"/ ? '/e' : '/') . ++$count;

    $body{$uri} = $body;
    $want{$uri} = ref $want ? $$want : $want;

    return $uri;
}

my ($fits, $fits2) = user(1024);
my ($over) = user(1025);
my ($small, $small2) = user(100);

my @sizes = (
    [ body($fits, $fits2), '', 'a user that just fits' ],
    [ body($over, undef), 'user_too_large', 'a user that does not' ],
    [ body(" \n$fits\n ", " \n$fits2\n "), '', 'space does not count' ],
    [ body("[$fits,$fits,$fits]", "[$fits2,$fits2,$fits2]"), '',
      'several do not add up' ],
    [ body("[$small,$over]", undef), 'user_too_large', 'one of several' ],
    [ body("[$small,$fits,$over]", undef), 'user_too_large',
      'one behind another' ],
    [ body("{\"users\":[$fits],\"x\":1}", "{\"users\":[$fits2],\"x\":1}"), '',
      'in an envelope' ],
    [ body("{\"users\":[$over]}", undef), 'user_too_large',
      'in an envelope, one that does not fit' ],
    [ body('{"_id":"' . 'x' x 980 . '","user_id":"auth0|1"}',
           '{"user_id":"auth0|1","app_metadata":{},"user_metadata":{}}'), '',
      'what is dropped, and fits' ],
    [ body('{"_id":"' . 'x' x 1000 . '","user_id":"auth0|1"}', undef),
      'user_too_large', 'what is dropped counts' ],
    [ body(object(1024), object(1024)), '', 'an undecided root' ],
    [ body(object(1025), undef), 'user_too_large',
      'an undecided root that does not fit' ],
    [ body('[' . object(1024) . ']', '[' . object(1024) . ']'), '',
      'an undecided element' ],
    [ body('[' . object(1025) . ']', undef), 'user_too_large',
      'an undecided element that does not fit' ],
    [ body(string(1024), string(1024)), '', 'a string' ],
    [ body(string(1025), undef), 'user_too_large', 'a longer string' ],
    [ body('1' x 1024, '1' x 1024), '', 'a number' ],
    [ body('1' x 1025, undef), 'user_too_large', 'a longer number' ],
    [ body('[' . string(1024) . "\n,$small]",
           '[' . string(1024) . "\n,$small2]"), '', 'a string in a list' ],
    [ body('[' . string(1025) . ']', undef), 'user_too_large',
      'a longer string in a list' ],
    [ body(array(5000), array(5000)), '', 'an empty list with space' ],
    [ body('[' . array(5000) . ']', '[' . array(5000) . ']'), '',
      'an element that is an array' ],
    [ body('[' . '1,' x 5000 . '1]', '[' . '1,' x 5000 . '1]'), '',
      'many elements' ],
    [ body('{"users":[],"x":' . array(5000) . '}',
           '{"users":[],"x":' . array(5000) . '}'), '',
      'a member behind the list' ],
    [ body('{"users":[],"x":' . string(1025) . '}', undef), 'user_too_large',
      'a string behind the list' ],
    [ body('{"x":' . array(5000) . ',"users":[]}', undef), 'user_too_large',
      'a member before the list' ],
);

# By profile_max_depth, 4 here.

my @depths = (
    [ body(nested(4), nested(4)), '', 'arrays' ],
    [ body(nested(5), undef), 'too_deep', 'one array more' ],
    [ body(nested_objects(4), nested_objects(4)), '', 'objects' ],
    [ body(nested_objects(5), undef), 'too_deep', 'one object more' ],
    [ body('[{"a":[{}]}]', '[{"a":[{}]}]'), '', 'both' ],
    [ body('[{"a":[{"b":{}}]}]', undef), 'too_deep', 'both, one more' ],
    [ body('[[[[],[]],[[]]],[[]]]', '[[[[],[]],[[]]],[[]]]'), '',
      'width is no depth' ],
    [ body('[{"user_id":"auth0|1","plan":{"a":{}}}]',
           '[{"user_id":"auth0|1","app_metadata":{"plan":{"a":{}}},'
           . '"user_metadata":{}}]'), '', 'in a user' ],
    [ body('[{"user_id":"auth0|1","plan":{"a":{"b":1}}}]',
           '[{"user_id":"auth0|1","app_metadata":{"plan":{"a":{"b":1}}},'
           . '"user_metadata":{}}]'), '', 'in a user, a scalar more' ],
    [ body('[{"user_id":"auth0|1","plan":{"a":{"b":[]}}}]', undef),
      'too_deep', 'in a user, an array more' ],
    [ body('[{"user_id":"auth0|1","_id":[[[]]]}]', undef), 'too_deep',
      'in what is dropped' ],
    [ body('{"users":[{"user_id":"auth0|1","plan":{}}]}',
           '{"users":[{"user_id":"auth0|1","app_metadata":{"plan":{}},'
           . '"user_metadata":{}}]}'), '', 'in an envelope' ],
    [ body('{"users":[{"user_id":"auth0|1","plan":{"a":{}}}]}', undef),
      'too_deep', 'in an envelope, one more' ],
);

my ($million, $million2) = user(1 << 20);
my ($large, $large2) = user(8 << 20);
my ($more) = user((8 << 20) + 1);

my @defaults = (
    [ body($large, $large2), '', '8m' ],
    [ body($more, undef), 'user_too_large', '8m and a byte' ],
    [ body(nested(128), nested(128)), '', '128 levels' ],
    [ body(nested(129), undef), 'too_deep', '129 levels' ],
);

my @most = (
    [ body(nested(100_000), nested(100_000)), '', '100000 levels' ],
    [ body(nested(100_001), undef), 'too_deep', '100001 levels' ],
    [ body(nested_objects(100_000), nested_objects(100_000)), '',
      '100000 levels of objects' ],
);

my @least = (
    [ body('[1,2]', '[1,2]'), '', 'one level' ],
    [ body('[[]]', undef), 'too_deep', 'two levels' ],
    [ body('7', '7'), '', 'no level' ],
);

$t->backend({
    map({ $_ => { body => $body{$_} } } keys %body),
    map({ ("/gzip$_" => { body => $body{$_}, gzip => 1 },
           "/bytes$_" => { body => $body{$_}, framing => 'chunked',
                           chunk => 1 }) } grep { length $body{$_} < 20_000 }
                                           keys %body),
    '/many' => { body => [ '[', ("$million,") x 50, $million, ']' ],
                 framing => 'chunked' },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    # Set for all, and set anew.

    profile_max_user_size 1k;
    profile_max_depth 4;

    server {
        listen 127.0.0.1:%%PORT%%;

        profile_rewrite auth0;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        add_header X-Reason $profile_reason always;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location ~ /e\d+\z {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 envelope=users;
        }

        location /deep/ {
            proxy_pass http://%%BACKEND%%/;
            profile_max_depth 100000;
            profile_max_user_size 1m;
            profile_buffer_size 1m;
        }

        location /flat/ {
            proxy_pass http://%%BACKEND%%/;
            profile_max_depth 1;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;

        profile_rewrite auth0;
        profile_max_user_size 8m;
        profile_max_depth 128;
        add_header X-Reason $profile_reason always;

        location / {
            proxy_pass http://%%BACKEND%%;
        }
    }
END

$t->start;

sub check {
    my ($uri, $reason, $name, %headers) = @_;

    my $r = $t->get($uri, %headers);
    my ($body) = $uri =~ m{(/e?\d+)\z};

    if ($reason eq '') {
        is($r->status, 200, "$name: status");
        ok($r->body eq $want{$body}, "$name: body");
        return;
    }

    is($r->status, 502, "$name: status");
    is($r->header('x-reason'), $reason, "$name: reason");
}

for my $case (@sizes) {
    my ($uri, $reason, $name) = @$case;

    check($uri, $reason, "M6.1 $name");
    check("/gzip$uri", $reason, "M6.1 gzip, $name");
    check("/bytes$uri", $reason, "M6.1 a byte at a time, $name");
}

for my $case (@depths) {
    my ($uri, $reason, $name) = @$case;

    check($uri, $reason, "M6.2 $name");
    check("/bytes$uri", $reason, "M6.2 a byte at a time, $name");
}

check($_->[0], $_->[1], "M6 default values, $_->[2]", ':port' => $t->port(1))
    for @defaults;

check("/deep$_->[0]", $_->[1], "M6.2 the most, $_->[2]") for @most;
check("/flat$_->[0]", $_->[1], "M6.2 the least, $_->[2]") for @least;


# What is not set is as the docs say.

my $none = ProfileTest->new(log => 'info');

$none->backend({ map({ $_ => { body => $body{$_} } }
                     map { $_->[0] } @defaults) });

$none->conf(<<'END');
    include profile/auth0.conf;

    server {
        listen 127.0.0.1:%%PORT%%;

        location / {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
        }
    }
END

$none->start;

for my $case (@defaults) {
    my ($uri, $reason, $name) = @$case;

    is($none->get($uri)->status, $reason eq '' ? 200 : 502,
       "M6 not set, $name");
}


# The memory for many users is that for one.

SKIP: {
    skip 'memory is that of the checker', 2 if $t->checker;

    my $length = 0;
    my @old = $t->workers;

    $t->reload;
    $t->wait_gone(@old);

    my $before = $t->rss;
    my $r = $t->get('/many', ':port' => $t->port(1),
                    ':sink' => sub { $length += length $_[0] });

    is($length, 51 * (1 + length $million2) + 1, 'M6.1 users of 1m');
    cmp_ok($t->peak_rss - $before, '<', 6 << 20,
           'M6.1 users of 1m, the memory of some');
}


# What the directives take

my @taken = (
    'profile_max_user_size 1k', 'profile_max_user_size 1024',
    'profile_max_user_size 1024m', 'profile_max_depth 1',
    'profile_max_depth 100000', 'profile_buffer_size 0',
    'profile_buffer_size 1', 'profile_buffer_size 10m',
);

my @refused = (
    [ 'profile_max_user_size 1023', 'must be from 1k to 1024m' ],
    [ 'profile_max_user_size 0', 'must be from 1k to 1024m' ],
    [ 'profile_max_user_size 1025m', 'must be from 1k to 1024m' ],
    [ 'profile_max_user_size 8g', 'invalid value' ],
    [ 'profile_max_user_size -1', 'invalid value' ],
    [ 'profile_max_depth 0', 'value must be between 1 and 100000' ],
    [ 'profile_max_depth 100001', 'value must be between 1 and 100000' ],
    [ 'profile_max_depth -1', 'invalid number' ],
    [ 'profile_max_depth 1k', 'invalid number' ],
    [ 'profile_buffer_size -1', 'invalid value' ],
    [ 'profile_buffer_size many', 'invalid value' ],
);

for my $line (@taken) {
    my ($rc, $out) = $t->test_conf("$line;\n");

    is($rc, 0, "M6 taken: $line") or diag($out);
}

for my $case (@refused) {
    my ($line, $message) = @$case;
    my ($rc, $out) = $t->test_conf("$line;\n");

    is($rc, 1, "M6 refused: $line");
    like($out, qr/\[emerg\].*\Q$message\E.* in .*test\.conf:\d+/,
         "M6 refused, why: $line");
}

done_testing;
