#!/usr/bin/perl

# Proves that a PATCH that repeats what is stored, as forms and Terraform send
# it, is not refused for that, and that all reasons to read first share one read
# of the user and one of the bag (U4.7, H2.6).  It fails when an attribute that
# cannot be written makes the others fail although it is what is stored, when
# one that differs is dropped, or when something is written after a read that
# failed or a tag that is not the user's any more.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $plain = '{"_id":"1","user_id":"auth0|1","email":"a@b.c",'
            . '"email_verified":true,"blocked":false,"name":"Jo","plan":"x",'
            . '"identities":[{"provider":"auth0","access_token":"S","id":"1"}],'
            . '"lastIP":"10.0.0.1"}';

my %answers = (
    'auth0%7C1' => { body => $plain, headers => [ ETag => '"e1"' ] },
    'weak' => { body => $plain =~ s/auth0\|1/weak/r,
                headers => [ ETag => 'W/"e2"' ] },
    'bare' => { body => $plain },
    'facebook%7C1' => { body => $plain =~ s/auth0\|1/facebook|1/r },
    'gone' => { status => 404, body => '{"error":"no such user"}' },
    'down' => { status => 500, body => '{"error":"secret"}' },
    'html' => { type => 'text/html', body => '<html>' },
    'list' => { body => "[$plain]" },
    'none' => { body => '{"a":1}' },
    'cut' => { body => substr $plain, 0, 60 },
    'part' => { status => 206, body => $plain },
);

my $backend = $t->backend({
    map({ ("/api/users/$_" => $answers{$_},
           "/api/users/$_/metadata" => '{"plan":"x","name":"Jo"}',
           "/api/users/$_/email" => { type => 'text/plain', body => 'OK' } )
        } keys %answers),
    '*' => { status => 404, body => '{}' },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    log_format repeats '$http_x_id $status $profile_action $profile_reason '
                       '$profile_calls $profile_blocked_attributes';

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log repeats;
        include profile/gateway.conf;
    }
END

$t->start;

my $number = 0;
my $id;

sub patch {
    my ($user, $body, %headers) = @_;

    $backend->forget;
    $id = 'n' . ++$number;

    return $t->request('PATCH', "/api/v2/users/$user",
                       'Content-Type' => 'application/json', 'X-Id' => $id,
                       ':body' => $body, %headers);
}

sub calls {
    return [ map { "$_->{method} " . ($_->{uri} =~ m{users/(.*)})[0]
                   . ($_->{body} ne '' ? " $_->{body}" : '') }
             $backend->requests ];
}

sub logged {
    my $line;

    $t->wait(sub { ($line) = $t->read_file('access.log') =~ /^$id (.*)$/m });

    return $line // 'nothing';
}

my $u = 'auth0%7C1';


# U4.7: what is equal is dropped, what differs is refused

for (
    [ 'blocked', $u, '{"blocked":false}', 200, "GET $u", "GET $u" ],
    [ 'with a change beside it', $u,
      '{"blocked":false,"email_verified":true,"user_metadata":{"a":1}}', 200,
      "GET $u", "PATCH $u/metadata {\"um_a\":1}", "GET $u" ],
    [ 'all that v2 shows', $u,
      '{"user_id":"auth0|1","email":"a@b.c","email_verified":true,'
      . '"blocked":false,"name":"J","last_ip":"10.0.0.1",'
      . '"identities":[{"id":"1","provider":"auth0"}]}', 200,
      "GET $u", "PATCH $u/metadata {\"name\":\"J\"}", "GET $u" ],
    [ 'of a provider', 'facebook%7C1',
      '{"name":"J\u006f","app_metadata":{"a":1}}', 200, 'GET facebook%7C1',
      'PATCH facebook%7C1/metadata {"a":1}', 'GET facebook%7C1' ],
    [ 'one read of each', $u, '{"blocked":false,"app_metadata":{}}', 200,
      "GET $u", "GET $u/metadata", "PATCH $u/metadata {\"plan\":null}",
      "GET $u" ],
    [ 'an e-mail of the idiom', $u,
      '{"email":"n@b.c","email_verified":false,"verify_email":true}', 200,
      "PUT $u/email {\"email\":\"n\@b.c\",\"verify\":true}", "GET $u" ],
    [ 'true of another e-mail', $u, '{"email":"n@b.c","email_verified":true}',
      400, "GET $u" ],
    [ 'false, which it is not', $u, '{"email_verified":false}', 400,
      "GET $u" ],
    [ 'blocked, which it is not', $u,
      '{"blocked":true,"user_metadata":{"a":1}}', 400, "GET $u" ],
    [ 'what v2 does not show', $u, '{"_id":"1"}', 400, "GET $u" ],
    [ 'what v2 names otherwise', $u, '{"lastIP":"10.0.0.1"}', 400, "GET $u" ],
    [ 'metadata of v1', 'facebook%7C1', '{"plan":"x"}', 400,
      'GET facebook%7C1' ],
    [ 'nothing to compare', $u, '{"name":"J"}', 200,
      "PATCH $u/metadata {\"name\":\"J\"}", "GET $u" ],
) {
    my ($what, $user, $body, $status, @calls) = @$_;

    my $r = patch($user, $body, Authorization => 'Bearer t');

    is($r->status, $status, "U4.7 $what: status");
    is_deeply(calls(), \@calls, "U4.7 $what: calls");
    is(scalar(grep { ($_->{headers}{authorization} // '') ne 'Bearer t' }
              $backend->requests), 0, "U2.3 $what: the client's headers");

    if ($status == 400) {
        my $error = decode_json($r->body);

        is($error->{errorCode}, 'operation_not_supported', "U4.7 $what: code");
        like($error->{message}, qr/attributes cannot be updated: \w+\. /,
             "U4.7 $what: message");
    }
}

is(decode_json(patch('facebook%7C1', '{"blocked":true,"name":"x","email":"y",'
                     . '"email_verified":true}')->body)->{message},
   'The following user attributes cannot be updated: name, email. The '
   . 'connection\'s identity provider is "facebook"; what it sends and what '
   . 'the system sets are read-only. Store values of your own in '
   . '"user_metadata" or "app_metadata".', 'U4.7 only what differs is named');
is(logged(), '400 blocked attributes 1 name,email', 'U4.7 the log');


# U6: a read that fails, and nothing is written

for (
    [ 'gone', 404 ], [ 'down', 502 ], [ 'html', 502 ], [ 'list', 502 ],
    [ 'none', 502 ], [ 'cut', 502 ], [ 'part', 502 ],
) {
    my ($user, $status) = @$_;

    my $r = patch($user, '{"blocked":false,"app_metadata":{"a":1}}');

    is($r->status, $status, "U4.7 $user: status");
    is_deeply(calls(), [ "GET $user" ], "U4.7 $user: nothing is written");
    unlike($r->body, qr/secret|html|Applied/, "U4.7 $user: body");
}


# H2.6: If-Match

my %tags = map { $_ => $t->get("/api/v2/users/$_")->header('ETag') }
           $u, 'weak';
my $own = $tags{$u};
my $change = '{"app_metadata":{"a":1}}';
my $later = patch($u, $change)->header('ETag');

like($later, qr{^W/"e1~v2s}, 'H2.6 the answer of a PATCH has a tag');

for (
    [ $u, $own, 200 ], [ $u, $later, 200 ], [ 'weak', $tags{weak}, 200 ],
    [ $u, "\"x\", $own", 200 ], [ $u, $tags{weak}, 412 ],
    [ 'weak', $tags{weak} =~ s/~v2w/~v2s/r, 412 ],
    [ $u, $own =~ s/e1/e0/r, 412 ], [ 'bare', $own, 412 ],
    [ $u, $own =~ s/(.)"\z/($1 eq '0' ? 1 : 0) . '"'/er, 412 ],
) {
    my ($user, $tag, $status) = @$_;

    my $r = patch($user, $change, 'If-Match' => $tag);

    is($r->status, $status, "H2.6 $user, $tag: status");
    is_deeply(calls(), [ "GET $user", $status == 200
                         ? ("PATCH $user/metadata {\"a\":1}", "GET $user")
                         : () ], "H2.6 $user, $tag: calls");
    is(scalar(grep { defined $_->{headers}{'if-match'} } $backend->requests),
       0, "H2.6 $user, $tag: v1's calls are unconditional");

    next if $status == 200;

    is(decode_json($r->body)->{errorCode}, 'precondition_failed',
       "H2.6 $user, $tag: code");
    is(logged(), '412 blocked precondition 1 -', "H2.6 $user, $tag: log");
}

is(patch('gone', $change, 'If-Match' => $own)->status, 404,
   'H2.6 nobody has no tag');
is(patch($u, '{"blocked":false,"app_metadata":{}}', 'If-Match' => $own)
   ->status, 200, 'H2.6 with all other reasons');
is_deeply(calls(), [ "GET $u", "GET $u/metadata",
                     "PATCH $u/metadata {\"plan\":null}", "GET $u" ],
          'H2.6 one read of each');

is(patch($u, $change, 'If-Match' => '"e1"')->status, 412,
   'H2.6 a tag of v1 is none of ours');
is_deeply(calls(), [], 'H2.6 and takes no call');

done_testing;
