#!/usr/bin/perl

# Proves that a user who has become too large or too deep to be read is cleared
# by {} or null for a container (U3.5), whatever stands in v1's bag.  It fails
# when the size or the depth of what is to go keeps it from going.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $long = 'x' x 40_000;

# The bag of each user, the names that an empty app_metadata clears, and those
# that an empty user_metadata clears; undef is a bag that cannot be read.

my %bags = (
    'large'   => [ qq({"a":["$long","$long"],"um_b":{"c":"$long"},"d":1}),
                   [ 'a', 'd' ], [ 'um_b' ] ],
    'string'  => [ qq({"a":"$long","um_b":"$long"}), [ 'a' ], [ 'um_b' ] ],
    'number'  => [ '{"a":' . 1 x 40_000 . ',"b":2}', [ 'a', 'b' ], [] ],
    'deep'    => [ '{"a":' . '[' x 500 . ']' x 500 . ',"um_b":'
                   . '{"c":' x 300 . '1' . '}' x 300 . '}',
                   [ 'a' ], [ 'um_b' ] ],
    'deeper'  => [ '{"a":' . '[' x 60_000 . ']' x 60_000 . '}', [ 'a' ], [] ],
    'many'    => [ '{' . join(',', map { qq("a$_":[$_]) } 1 .. 500) . '}',
                   [ map { "a$_" } 1 .. 500 ], [] ],
    'null'    => [ qq({"a":null,"b":"$long"}), [ 'b' ], [] ],
    'escaped' => [ qq({"\\u0061":"$long","um_\\u0062":["$long"]}),
                   [ 'a' ], [ 'um_b' ] ],
    'empty'   => [ '{}', [], [] ],
    'php'     => [ '{"a":[],"um_b":[]}', [ 'a' ], [ 'um_b' ] ],
    'list0'   => [ " [ ]\n", [], [] ],
    'null0'   => [ 'null', [], [] ],
    'false'   => [ 'false' ],
    'lists'   => [ '[[]]' ],
    'objects' => [ '[{}]' ],
    'nulls'   => [ '[null]' ],
    'deepest' => [ '{"a":' . '[' x 70_000 . ']' x 70_000 . '}' ],
    'names'   => [ '{' . join(',', map { qq("abcdefgh$_":1) } 1 .. 2000)
                   . '}' ],
    'huge'    => [ '{"a":"' . 'x' x 200_000 . '"}' ],
    'broken'  => [ qq({"a":["$long") ],
    'list'    => [ '[1]' ],
    'behind'  => [ qq({"a":"$long"} x) ],
);

# What was packed unfolds in one turn of the event loop.

my %packed = map { ($_->[0] => '{"a":1,"um_b":[' . join(',', ("\"$long\"")
                                                        x $_->[1]) . ']}') }
             [ 'much' => 1600 ], [ 'bomb' => 1700 ];

my $backend = $t->backend(sub {
    my $conn = shift;

    while (my $request = $conn->read_request) {
        my ($name, $bag) = $request->{uri} =~ m{^/api/users/(\w+)(/metadata)?};

        $conn->answer($request, {
            body => $request->{method} eq 'PATCH' ? '{}'
                    : $bag ? $packed{$name} // $bags{$name}[0]
                    : '{"user_id":"auth0|1"}',
            $name eq 'escaped' ? (chunk => 7)
            : $name eq 'deep' || $packed{$name} ? (gzip => 1) : ()
        });
    }
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        profile_max_user_size 16k;
        profile_guard_max_body_size 16k;
        include profile/gateway.conf;
    }
END

$t->start;

for my $name (sort keys %bags) {
    my ($bag, @cleared) = @{$bags{$name}};

    for my $i (0, 1) {
        my $container = ('app_metadata', 'user_metadata')[$i];

        for my $value ('{}', 'null') {
            my $what = "$name, $container, $value";

            $backend->forget;

            my $r = $t->request('PATCH', "/api/v2/users/$name",
                                ':body' => qq({"$container":$value}),
                                'Content-Type' => 'application/json');
            my ($call) = grep { $_->{method} eq 'PATCH' } $backend->requests;

            if (@cleared) {
                is($r->status, 200, "U3.5 $what: status");
                is($call ? $call->{body} : '',
                   @{$cleared[$i]}
                   ? '{' . join(',', map { qq("$_":null) } @{$cleared[$i]})
                     . '}' : '', "U3.5 $what: cleared");

            } elsif ($name ne 'names' || $i == 0) {
                is($r->status, 502, "U3.5 $what: status");
                is($call, undef, "U3.5 $what: nothing is written");
            }
        }
    }
}

for ([ 'much', 200, '{"a":null}' ], [ 'bomb', 502, undef ]) {
    my ($name, $status, $body) = @$_;

    $backend->forget;

    my $r = $t->request('PATCH', "/api/v2/users/$name",
                        ':body' => '{"app_metadata":{}}',
                        'Content-Type' => 'application/json');
    my ($call) = grep { $_->{method} eq 'PATCH' } $backend->requests;

    is($r->status, $status, "U3.5 packed, $name: status");
    is($call ? $call->{body} : undef, $body, "U3.5 packed, $name: cleared");
}

done_testing;
