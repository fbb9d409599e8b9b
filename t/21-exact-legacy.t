#!/usr/bin/perl

# Proves with a real backend that nothing has to be declared where v1 is asked
# what is metadata: each user is right by a schema that knows no provider (M8),
# a PATCH neither hides an attribute of theirs nor loses what it writes (U3.11),
# and a tag is that of user and bag (H2.2, H2.6).  It fails when v2 shows an
# attribute in a container which v1 does not keep there, or the other way round,
# and when a tag outlives a change of the bag that v1's own tag does not see.

use lib 't/lib';
use ProfileTest;

use JSON::PP;

my $t = ProfileTest->new(log => 'info');
my $json = JSON::PP->new->utf8->canonical->allow_nonref;

my $v1_port = $t->legacy('--users', 60, '--db', $t->dir . '/users.sqlite',
                         '--request-log', $t->dir . '/requests');

my $gateway = $t->read_file($t->top . '/conf/profile/gateway.conf');

$t->write_file('bare.conf', $gateway =~ s/\bauth0 (api|mode)=/bare $1=/gr);
$t->write_file('short.conf', $gateway =~ s/\bauth0 (api|mode)=/short $1=/gr);

$t->conf(<<'END' =~ s/%BACKEND%/127.0.0.1:$v1_port/gr);
    include profile/auth0.conf;

    profile_schema bare {
        identity email email_verified username phone_number phone_verified;
        identity name nickname given_name family_name picture;
        identity created_at blocked multifactor;
        rename lastLogin last_login;
        rename lastIP last_ip;
        rename loginsCount logins_count;
        drop _id;
        identity_drop access_token access_token_secret refresh_token;
        provider auth0;
        metadata_prefix user_metadata um_;
        metadata_prefix app_metadata am_;
        null_metadata omit;
        writable email for=auth0;
    }

    # The same without prefixes.

    profile_schema short {
        identity email name picture;
        user_metadata hobby;
        null_metadata omit;
    }

    upstream profile_backend {
        server %BACKEND%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        profile_exact /.profile/bag;
        include %%DIR%%/bare.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;
        profile_exact /.profile/bag;
        include %%DIR%%/short.conf;
    }

    # What the shipped schema makes of it by itself.

    server {
        listen 127.0.0.1:%%PORT_2%%;
        include profile/gateway.conf;
    }
END

$t->start;

my %identity = map { $_ => 1 } qw(email email_verified username phone_number
    phone_verified name nickname given_name family_name picture created_at
    blocked multifactor user_id identities last_login last_ip logins_count);

my %renamed = (lastLogin => 'last_login', lastIP => 'last_ip',
               loginsCount => 'logins_count');

sub escape {
    my ($id) = @_;

    utf8::encode($id);

    return $id =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger;
}

sub v1 {
    my ($method, $path, $body) = @_;

    my $r = $t->request($method, "/api/users$path", ':port' => $v1_port,
                        defined $body ? ('Content-Type' => 'application/json',
                                         ':body' => $body) : ());

    die "v1: $method $path: " . $r->status if $r->status != 200;

    return $json->decode($r->body);
}

sub v2 {
    my ($method, $id, $body, %headers) = @_;

    return $t->request($method, '/api/v2/users/' . escape($id),
                       ':port' => $t->port(0), %headers,
                       defined $body ? ('Content-Type' => 'application/json',
                                        ':body' => $body) : ());
}

sub bag {
    my ($id) = @_;

    return v1('GET', '/' . escape($id) . '/metadata');
}


sub strip {
    my ($value) = @_;

    if (ref $value eq 'HASH') {
        delete @$value{qw(access_token access_token_secret refresh_token)};
        strip($_) for values %$value;

    } elsif (ref $value eq 'ARRAY') {
        strip($_) for @$value;
    }

    return;
}


# What v2 is to be, from v1's user and bag alone.

sub expected {
    my ($user, $bag) = @_;

    my (%root, %app, %user);

    # M3.1 to M3.3: containers first, then the root, then "metadata"

    for my $name (qw(metadata app_metadata)) {
        %app = (%app, %{ $user->{$name} }) if ref $user->{$name} eq 'HASH';
    }

    %user = %{ $user->{user_metadata} } if $user->{user_metadata};

    for my $name (sort keys %$user) {
        next if $name =~ /\A(?:_id|(?:app_|user_)?metadata)\z/;

        my $new = $renamed{$name} // $name;

        if ($identity{$new} || !exists $bag->{$name}) {
            $root{$new} = $user->{$name};
            next;
        }

        $app{$name} = $user->{$name};
    }

    for my $name (grep { /\A(?:um|am)_./ } keys %app) {
        my $to = $name =~ /\Aum_/ ? \%user : \%app;

        $to->{substr $name, 3} = delete $app{$name};
    }

    for my $container (\%app, \%user) {
        delete $container->{$_}
            for grep { !defined $container->{$_} } keys %$container;
    }

    strip($root{identities});

    return { %root, app_metadata => \%app, user_metadata => \%user };
}

my @users = @{ v1('GET', '?per_page=100') };
my %foreign;

cmp_ok(scalar @users, '>=', 60, 'there are users');

for my $user (@users) {
    my $id = $user->{user_id};
    my $bag = bag($id);
    my $v2 = $json->decode(v2('GET', $id)->body);
    my $whole = v1('GET', '/' . escape($id));

    is($json->encode($v2), $json->encode(expected($whole, $bag)),
       "M8.1 $id");

    $foreign{$id} = [ grep { !$identity{$_} && !/_metadata\z/ } keys %$v2 ];
}

cmp_ok(scalar(grep { @{ $foreign{$_} } > 3 } keys %foreign), '>', 20,
       'many have attributes of a provider');

# The schema that knows the providers says the same of whom it knows well.

for my $id (qw(facebook|100200300 github|4242 waad|Kq0example)) {
    my $shipped = $t->get('/api/v2/users/' . escape($id),
                          ':port' => $t->port(2))->body;

    is($json->encode($json->decode(v2('GET', $id)->body)),
       $json->encode($json->decode($shipped)), "M8.1 $id as declared");
}

# A write under the name of each attribute that is not v1's to store.

my @writers = grep { @{ $foreign{$_} } > 3 } sort keys %foreign;

for my $id (@writers[0 .. 7]) {
    my $before = $json->decode(v2('GET', $id)->body);
    my @names = grep { !/[.\$]/ } sort @{ $foreign{$id} };
    my %write = ((map { $_ => "mine of $_" } @names), fresh => { a => [1] });

    my $r = v2('PATCH', $id, $json->encode({ app_metadata => \%write }));

    is($r->status, 200, "U3.11 $id: written") or diag($r->body);

    my $after = $json->decode($r->body);

    is($json->encode({ map { $_ => $after->{$_} } @names }),
       $json->encode({ map { $_ => $before->{$_} } @names }),
       "U3.11 $id: the root is what it was");
    is($json->encode({ map { $_ => $after->{app_metadata}{$_} } keys %write }),
       $json->encode(\%write), "U3.11 $id: what was written is there");

    my $bag = bag($id);

    is_deeply([ grep { exists $bag->{$_} } @names ], [],
              "U3.11 $id: no name of theirs is in the bag");
    is_deeply([ grep { !exists $bag->{"am_$_"} } @names ], [],
              "U3.11 $id: but under the prefix");
    ok(exists $bag->{fresh}, "U3.11 $id: a free name is taken");

    # null, and a clear

    $r = v2('PATCH', $id, $json->encode({ app_metadata =>
                                          { $names[0] => undef } }));
    $after = $json->decode($r->body);

    is($json->encode($after->{$names[0]}), $json->encode($before->{$names[0]}),
       "U3.11 $id: null hides nothing");
    ok(!exists $after->{app_metadata}{$names[0]}, "U3.4 $id: null deletes");

    $r = v2('PATCH', $id, '{"app_metadata":{},"user_metadata":{"x":1}}');
    $after = $json->decode($r->body);

    is($json->encode($after->{app_metadata}), '{}', "U3.5 $id: cleared")
        or diag($r->body);
    is($json->encode($after->{user_metadata}{x}), 1, "U3.5 $id: and written");
    is($json->encode({ map { $_ => $after->{$_} } @names }),
       $json->encode({ map { $_ => $before->{$_} } @names }),
       "U3.5 $id: the root is what it was");
}

# Without a prefix: 400, which names it, and nothing is written.

my $waad = 'waad|Kq0example';
my ($name) = grep { $_ ne 'hobby' } sort @{ $foreign{$waad} };
my $before = $json->encode(bag($waad));

my $r = v2('PATCH', $waad, $json->encode({ app_metadata => { $name => 1,
                                           free => 2 } }),
           ':port' => $t->port(1));

is($r->status, 400, 'U3.11 without a prefix: 400');
like($r->body, qr/stored: app_metadata\.\Q$name\E\. .*"invalid_body"/,
     'U3.11 without a prefix: the name');
is($json->encode(bag($waad)), $before, 'U3.11 without a prefix: untouched');
is(v2('PATCH', $waad, '{"app_metadata":{"free":2}}',
      ':port' => $t->port(1))->status, 200, 'U3.11 no prefix: a free name');

# The calls.

sub calls {
    my ($what) = @_;

    my $file = $t->read_file('requests');

    $what->();

    return [ map { my $call = $json->decode($_);
                   join ' ', $call->{method},
                        ($call->{target} // $call->{path} // $call->{url})
                        =~ m{/(metadata|email|password)\z} ? $1 : 'user' }
             split /\n/, substr $t->read_file('requests'), length $file ];
}

is_deeply(calls(sub { v2('PATCH', $waad, '{"app_metadata":{"plan":1}}') }),
          [ 'GET metadata', 'GET user', 'PATCH metadata', 'GET metadata',
            'GET user' ], 'U3.11 the calls of a write');
is_deeply(calls(sub { v2('PATCH', $waad, '{"app_metadata":{}}') }),
          [ 'GET metadata', 'PATCH metadata', 'GET metadata', 'GET user' ],
          'U3.5 the calls of a clear');

# Tags: what a v1 client stores may change nothing of v1's user.

my $path = '/' . escape($waad) . '/metadata';

v1('PUT', $path, '{"plan":"gold"}');

my $user = v1('GET', '/' . escape($waad));
my $tag = v2('GET', $waad)->header('ETag');

like($tag, qr/\AW\/".*~v2[sw][0-9a-f]{16}"\z/, 'H2.2 a tag');
is(v2('GET', $waad)->header('ETag'), $tag, 'H2.2 the same again');

$r = v2('GET', $waad, undef, 'If-None-Match' => $tag);

is($r->status, 304, 'H2.6 304');
is($r->header('ETag'), $tag, 'H2.6 304: the tag');
is(v2('HEAD', $waad)->header('ETag'), undef, 'H2.3 HEAD has no tag');
is(v2('HEAD', $waad, undef, 'If-None-Match' => $tag)->status, 200,
   'H2.6 HEAD is no answer to a tag');

my $plain = $t->request('GET', '/api/users/' . escape($waad),
                        ':port' => $v1_port)->header('ETag');

v1('PATCH', $path, $json->encode({ $name => $user->{$name} }));

is($t->request('GET', '/api/users/' . escape($waad),
               ':port' => $v1_port)->header('ETag'), $plain,
   'H2.2 to v1 the user is the same');

$r = v2('GET', $waad, undef, 'If-None-Match' => $tag);

is($r->status, 200, 'H2.6 another bag: 200');
isnt($r->header('ETag'), $tag, 'H2.2 another bag: another tag');
ok(exists $json->decode($r->body)->{app_metadata}{$name},
   'H2.6 another bag: another user');

my $new = $r->header('ETag');

is(v2('GET', $waad, undef, 'If-Match' => $tag)->status, 412,
   'H2.6 If-Match of a GET, another bag');
is(v2('GET', $waad, undef, 'If-Match' => $new)->status, 200,
   'H2.6 If-Match of a GET');

$r = v2('PATCH', $waad, '{"app_metadata":{"plan":"x"}}', 'If-Match' => $tag);

is($r->status, 412, 'H2.6 PATCH, another bag');
is(bag($waad)->{plan}, 'gold', 'H2.6 PATCH, another bag: nothing is written');

$r = v2('PATCH', $waad, '{"app_metadata":{"plan":"x"}}', 'If-Match' => $new);

is($r->status, 200, 'H2.6 PATCH');
is($r->header('ETag'), v2('GET', $waad)->header('ETag'),
   'H2.6 PATCH: the tag of the answer');

$r = v2('PATCH', $waad, '{"user_metadata":{"y":"x"}}',
        'If-Match' => $r->header('ETag'));

is($r->status, 200, 'H2.6 PATCH by the tag of a PATCH');

done_testing;
