#!/usr/bin/perl

# Proves that an argument of the query that becomes a segment of a path is one
# to every backend, and that one that stays in a query may be any text (U2.2).
# It fails when ".." in some disguise reaches the backend in a path, or an
# argument of a query is refused for what would be wrong in a path only.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => '[]' });

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;

        set $profile_search_v1 1;
        include profile/gateway.conf;
    }

    # What each is where nothing is refused.

    server {
        listen 127.0.0.1:%%PORT_1%%;

        location / {
            return 200 "<$profile_arg_a> <$profile_segment_a>";
        }
    }
END

$t->start;

sub ask {
    my ($uri) = @_;

    $backend->forget;

    return $t->get($uri)->status
           . join '', map { " $_->{uri}" } $backend->requests;
}

my $list = '/api/v2/users?per_page=1';


# No segment of a path

my @dots = (
    '..', '.', '%2e%2e', '..%2F', '..%5C..%5Cadmin', 'a%5C..%5Cb', '..%3Ba',
    '..;a', 'a%2F..%3Bb%2Fc', '..+', '..%20', '+..', '%20..', '.%20', '+.',
    '%E2%80%8B..', '..%E2%80%8B', '%EF%BB%BF..', '%C2%A0..', '..%C2%A0',
    '%E2%81%A0..', '%E2%80%8D.', 'a%2F%E2%80%8B..%2Fb', '%E3%80%80..',
    '%2Fa', 'a%2F', '%5Ca', 'a%5C', '+', '%20', '%E2%80%8B', '%3B', '%3Ba',
    '+a', '%C2%85', '%C2%80a',
);

for my $value (@dots) {
    is(ask("$list&connection=$value"), '400', "U2.2 connection=$value");
    is($t->get("/?a=$value", ':port' => $t->port(1))->body =~ s/.* //r, '<>',
       "U2.2 \$profile_segment_: $value");
}

# One segment of a path

for my $value ('google-oauth2', 'a%2Fb', 'a%2F%2Fb', 'a%5Cb', 'a..b', '...',
               '%C3%A9', 'a%3Bb', 'a%3Fb%23c', '~a')
{
    is(ask("$list&connection=$value"),
       "200 /api/connections/$value/users?per_page=1&page=0&search=",
       "U2.2 connection=$value");
}


# Any text is a part of a query

my @texts = (
    'a%2Fb', '..', '.', '..%2F..%2Fx', '..%5C..%5Cadmin', '..%3Ba',
    '%E2%80%8B..', '%2F', '%20', '%22https%3A%2F%2Fidp.example%2F%22',
);

for my $value (@texts) {
    is(ask("$list&q=$value"),
       "200 /api/users?per_page=1&page=0&search=$value", "U2.2 q=$value");
    is($t->get("/?a=$value", ':port' => $t->port(1))->body =~ s/ .*//r,
       "<$value>", "U2.2 \$profile_arg_: $value");
}

is(ask('/api/v2/users-by-email?email=a/b%40x.org'),
   '200 /api/users?search=email:%22a%2Fb%40x.org%22',
   'U2.2 an address with a slash');
is(ask('/api/v2/users?fields=a/b,..'),
   '200 /api/users?per_page=50&page=0&search=', 'U2.2 fields with a slash');

for my $value ('%FF', '%C3', '%ED%A0%80', '%C0%AF', '%00', '%0A', '%7F',
               '%1F', '%C2%85', '%', '%zz')
{
    for my $name ('q', 'connection', 'fields') {
        is(ask("$list&$name=$value"), '400', "U2.2 $name=$value");
    }
}

done_testing;
