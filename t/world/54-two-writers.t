#!/usr/bin/perl

# Proves that whatever clients of v1 write through the guard, at its very limits
# and one after another, a list of v2 goes on (H5.14, M6.5): what one body
# brings can be read, who has become too large by many is left out and told of,
# and is there again once cleared (U3.5).  Writes are random, from the seed that
# is shown.  It fails when a list is an error, when a single write makes a user
# unreadable, or when an unreadable user cannot be cleared.

use lib 't/lib';
use ProfileTest;

use JSON::PP;
use Storable qw(retrieve store);

my $SIZE = 8192;             # of a body, at most
my $LARGE = 20_480;          # a user
my $DEPTH = 14;

my $t = ProfileTest->new(log => 'info');

# A v1 that keeps text as text: {user}{name} is the JSON of a value.  Each
# connection is one process.

my $store = $t->write_file('users', '');
my %users = map { ("auth0|$_" => {}) } 1 .. 3;

store(\%users, $store);

sub user {
    my ($id) = @_;

    return '{' . join(',', qq("user_id":"$id"), bag($id)) . '}';
}

sub bag {
    my ($id) = @_;

    return map { qq("$_":$users{$id}{$_}) } sort keys %{$users{$id}};
}

sub members {
    my ($text) = @_;

    my %members;

    $text =~ s/\A\{|\}\z//g;

    while ($text =~ /\G,?"(\w+)":/gc) {
        my ($name, $start, $depth) = ($1, pos $text, 0);

        while ($text =~ /\G(?:("[^"]*"|[^][{}",]+)|([[{])|([]}])|(,))/gc) {
            $depth += defined $2 ? 1 : defined $3 ? -1 : 0;

            if (defined $4 && $depth == 0) {
                pos($text)--;
                last;
            }
        }

        $members{$name} = substr $text, $start, pos($text) - $start;
    }

    return \%members;
}

$t->backend(sub {
    my $conn = shift;

    while (my $request = $conn->read_request) {
        my ($id, $bag) = $request->{uri}
                         =~ m{^/api/users/([^/?]+)(/metadata)?};
        my $body;

        %users = %{ retrieve($store) };

        $id =~ s/%7C/|/ if defined $id;

        if ($request->{method} eq 'PATCH') {
            my $members = members($request->{body});

            for (keys %$members) {
                if ($members->{$_} eq 'null') {
                    delete $users{$id}{$_};
                } else {
                    $users{$id}{$_} = $members->{$_};
                }
            }

            store(\%users, $store);

            $body = '{}';

        } else {
            $body = $bag ? '{' . join(',', bag($id)) . '}'
                    : defined $id ? user($id)
                    : '[' . join(',', map { user($_) } sort keys %users) . ']';
        }

        $conn->answer($request, { body => $body });
    }
});

$t->conf(<<"END");
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    profile_max_user_size $LARGE;
    profile_guard_max_body_size $SIZE;
    profile_max_depth $DEPTH;
    profile_buffer_size 1m;

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }
END

$t->start;

my $seed = $ENV{PROFILE_SEED} // 12;

srand $seed;
diag("PROFILE_SEED=$seed") if $ENV{PROFILE_SEED};

sub nested {
    my ($depth) = @_;

    my @kinds = map { rand 2 < 1 } 1 .. $depth;

    return join('', map { $_ ? '[' : '{"a":' } @kinds) . '1'
           . join('', map { $_ ? ']' : '}' } reverse @kinds);
}

# The body itself is one level.

sub body {
    my ($names, $depth, $size, $n) = (@_, '');

    my @members = map { qq("$_":) . nested(int rand($depth)) } @$names;

    push @members, qq("deep$n":) . nested($depth - 1);

    my $text = '{' . join(',', @members) . ',"pad' . $n . '":[""]}';

    substr $text, -3, 0, 'x' x ($size - length $text);

    return $text;
}

sub patch {
    my ($uri, $body) = @_;

    return $t->request('PATCH', $uri, ':body' => $body,
                       'Content-Type' => 'application/json');
}

my (%seen, %bad);

sub check {
    my ($what, $most) = @_;

    my $r = $t->get('/api/v2/users');
    my $left_out = $r->header('x-profile-unreadable') // 0;
    my $list = eval { decode_json($r->body) };

    $bad{$what}++ if $r->status != 200 || ref $list ne 'ARRAY'
                     || @$list + $left_out != 3 || $left_out > $most;

    $seen{$left_out}++;

    for my $id (1 .. 3) {
        my $one = $t->get("/api/v2/users/auth0%7C$id")->status;
        my $there = grep { $_->{user_id} eq "auth0|$id" } @{$list // []};

        $bad{"$what, alone"}++ if $one != ($there ? 200 : 502);
    }
}

for my $round (1 .. 30) {

    # One write at the limits, by one client: all can be read.

    my $id = 1 + int rand 3;
    my $size = rand 2 < 1 ? $SIZE : 400 + int rand($SIZE - 400);

    my $r = patch("/api/users/auth0%7C$id/metadata",
                  body([ 'a', 'b' ], $DEPTH - 2, $size));

    $bad{"a write is refused"}++ if $r->status != 200;

    check('one write', 0);

    # Another one, and so on: their sum is too large for one of them.

    for my $n (1 .. 3) {
        $r = patch("/api/users/auth0%7C$id/metadata",
                   body([ "w$n" ], $DEPTH - 2, $SIZE, $n));

        $bad{"a write is refused"}++ if $r->status != 200;
        check('many writes', 1);
    }

    # What is beyond the limits is refused, and changes nothing.

    for (body([], $DEPTH - 1, 4000), body([], $DEPTH - 2, $SIZE + 1),
         '{"n":1e999}', '{"n":[-1' . '0' x 400 . ']}')
    {
        $r = patch("/api/users/auth0%7C$id/metadata", $_);

        $bad{"a write is not refused"}++ unless $r->status =~ /^4(?:00|13)$/;
    }

    # And then it goes.

    $r = patch("/api/v2/users/auth0%7C$id", '{"app_metadata":{}}');

    $bad{"a clear"}++ if $r->status != 200
        || $r->body !~ /"app_metadata":\{\}/;

    check('a clear', 0);
}

is_deeply(\%bad, {}, "H5.14 M6.5 U3.5 lists go on, seed $seed");
cmp_ok($seen{0} // 0, '>', 50, 'H5.14 lists that are whole');
cmp_ok($seen{1} // 0, '>', 20, 'M6.5 lists that are not');

done_testing;
