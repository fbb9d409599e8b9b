#!/usr/bin/perl

# Proves "make run": the demo shows a user of the backend as v1 and as v2, says
# so when its port is taken, and leaves nothing behind; LEGACY names another
# backend.  It fails when demo/nginx.conf no longer fits the module, a schema or
# a backend.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Process qw(children);

use JSON::PP qw(decode_json);

my $t = ProfileTest->new;
my $port = $t->port;

$ENV{TMPDIR} = $t->dir;

my ($pid) = $t->daemon([ 'demo/demo.sh', $port ], qr/Ctrl-C stops/);

my $said = $t->daemon_output;
my @urls = $said =~ m{curl -s '?http://127\.0\.0\.1:$port([^\s']+)}g;

is(scalar @urls, 3, 'three lines to try');

my ($v1, $v2, $list) = map {
    my $r = $t->get($_);

    is($r->status, 200, "status of $_");
    ok($r->complete, "whole: $_");
    decode_json($r->body);
} @urls;

is($v2->{user_id}, $v1->{user_id}, 'the same user');
ok(exists $v1->{lastLogin}, 'v1 has its own names');
is($v2->{last_login}, $v1->{lastLogin}, 'v2 has other names');
ok(!exists $v1->{app_metadata}, 'v1 has its metadata in the root');
is($v2->{app_metadata}{plan}, $v1->{plan}, 'v2 has it in a container');
ok(!exists $v2->{plan}, 'and in the root no more');
ok(!exists $v2->{_id}, 'what is internal is gone');

is(scalar @$list, 3, 'a list');
is_deeply([ grep { exists $_->{_id} } @$list ], [], 'all of it is v2');

# What is not a v2 read.

is($t->get('/api/v2/users', 'Range' => 'bytes=0-10')->status, 200,
   'a range is not asked for');
is($t->request('PUT', '/api/v2/users', ':body' => '{}')->status, 404,
   'a method that v2 does not have');
is($t->get('/api/v2/clients')->status, 404, 'nothing else in v2');
is($t->get('/api/v2//users/x')->status, 404,
   'path that only nginx understands');
is($t->get('/api/v2/users/' . 'x' x 10)->status, 404, 'no such user');
is($t->get('/api/users?per_page=3')->status, 200, 'v1 list');

# The backend has tags: what is known already is not sent again, and a change of
# what somebody else has changed is none.

my $user = $urls[1] =~ s/\?.*//sr;
my $read = $t->get($user);
my $tag = $read->header('ETag');

like($tag, qr/\AW\/"[^"]+~v2w[0-9a-f]{16}"\z/, 'H2.2 the tag of a user');
is($t->get($user, 'If-None-Match' => $tag)->status, 304, 'H2.6 it is known');
is($t->request('HEAD', $user)->header('ETag'), $tag, 'H2.6 the same to HEAD');

sub change {
    my ($n, $known) = @_;

    return $t->request('PATCH', $user, 'Content-Type' => 'application/json',
                       'If-Match' => $known,
                       ':body' => qq({"app_metadata":{"seen":$n}}));
}

my $changed = change(1, $tag);

is($changed->status, 200, 'H2.6 If-Match: nobody has changed the user');
isnt($changed->header('ETag'), $tag, 'H2.6 another user, another tag');
is(change(2, $tag)->status, 412, 'H2.6 If-Match: somebody has');
is(decode_json($t->get($user)->body)->{app_metadata}{seen}, 1,
   'H2.6 nothing is written');
is(change(2, $changed->header('ETag'))->status, 200,
   'H2.6 If-Match: the tag of the answer to a PATCH');

# A second one finds the port taken.

my $out = qx{demo/demo.sh $port 2>&1 </dev/null};

is($? >> 8, 1, 'port taken: exit code');
like($out, qr/^make run: cannot listen on 127\.0\.0\.1:$port .*in use/,
     'port taken: message');
is($t->get($urls[0])->status, 200, 'port taken: the first one runs on');

$out = qx{demo/demo.sh 80a 2>&1 </dev/null};

like($out, qr/^make run: PORT=80a is no port/, 'no port: message');

$out = qx{demo/demo.sh $port none 2>&1 </dev/null};

like($out, qr/^make run: LEGACY=none is none of legacy, accounts, directory/,
     'no backend: message');

# The end.

my @children = children($pid);

is(scalar @children, 2, 'nginx and the backend run');

kill 'INT', $pid;

ok($t->wait_gone($pid, @children), 'both end with it');
is_deeply([ glob $t->dir . '/profile-demo.*' ], [], 'no file is left');

# The other backends.

for my $legacy ('accounts', 'directory') {
    ($pid) = $t->daemon([ 'demo/demo.sh', $port, $legacy ], qr/Ctrl-C stops/);

    my ($said) = $t->daemon_output =~ /.*(^A user as the legacy.*)/ms;
    my @tried = map { $t->get($_) }
                    $said =~ m{curl -s '?http://127\.0\.0\.1:$port([^\s']+)}g;

    is_deeply([ map { $_->status } @tried ], [ 200, 200, 200 ],
              "$legacy: three lines to try");

    my ($old, $new, $some) = map { decode_json($_->body) } @tried;

    ok(!exists $old->{user_id}, "$legacy: v1");
    ok(exists $new->{app_metadata}{plan}, "$legacy: v2");
    is(scalar @$some, 3, "$legacy: a list");

    @children = children($pid);
    kill 'INT', $pid;
    ok($t->wait_gone($pid, @children), "$legacy: both end with it");
}

done_testing;
