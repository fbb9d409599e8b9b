#!/usr/bin/perl

# Proves that v2 reads what was written last, through either API (U3.3): random
# writes of both over the gateway and the legacy backend, against a model that
# knows nothing but the last write.  It fails when a client of v1 stores a
# member under a name that v2 does not write to, and so pins its value (H5.7).

use lib 't/lib';
use ProfileTest;

use JSON::PP;

my $t = ProfileTest->new(log => 'info');
my $json = JSON::PP->new->utf8->canonical->allow_nonref;

my $v1_port = $t->legacy('--users', 40, '--db', $t->dir . '/users.sqlite');

$t->conf(<<"END");
    include profile/auth0.conf;

    profile_schema dots {
        provider auth0;
        app_metadata ~(.*)_x as=\$1.y;
        app_metadata ~(.*)_d as=\$1;
        metadata_names strict;
    }

    upstream profile_backend {
        server 127.0.0.1:$v1_port;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;

        location /v1/ {
            profile_guard dots mode=v1;
            profile_user_id /v1/*;
            proxy_pass http://127.0.0.1:%%PORT_2%%;
        }

        location = /unknown {
            profile_guard auth0 mode=v1;
            proxy_pass http://127.0.0.1:%%PORT_2%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        return 204;
    }
END

$t->start;

my @json = ('Content-Type' => 'application/json');

sub v1 {
    my ($id, $body) = @_;

    return $t->request('PATCH', "/api/users/$id/metadata", @json,
                       ':body' => $body);
}

sub v2 {
    my ($id, $body) = @_;

    return $t->request('PATCH', "/api/v2/users/$id", @json, ':body' => $body);
}

sub v1_user { return $json->decode($t->get('/api/users/' . $_[0])->body) }


# A user of each kind: of the names that follow some are the provider's.

my %id;

for my $user (@{ $json->decode($t->get('/api/users?per_page=40')->body) }) {
    my ($provider) = $user->{user_id} =~ /\A([^|]+)\|/ or next;

    $id{$provider} //= $user->{user_id} =~ s/\|/%7C/r;
}

ok(exists $id{$_}, "a user of $_") for qw(auth0 facebook github);


# The issue itself

is(v1($id{auth0}, '{"am_role":"admin"}')->body, '{"statusCode":400,"error":'
   . '"Bad Request","message":"The following metadata has to be written under'
   . ' its v2 name: am_role.","errorCode":"invalid_body"}',
   'H5.7 am_role');
is($json->decode(v2($id{auth0}, '{"app_metadata":{"role":"user"}}')->body)
   ->{app_metadata}{role}, 'user', 'U3.3 v2 after it');


# What is another name for whom: the first is allowed, the others are refused.

for my $row (
    [ auth0 => [ 'role', 'um_role', 'am_am_role', 'um_um_role', 'am_um_role',
                 'am_picture', 'am_Picture', 'um_picture', "am_p\x{131}cture",
                 'am_', 'um_', 'am_password', 'Am_role', 'am_connection' ],
      [ 'am_role', 'am_plan', 'am_bio', 'am_public_repos', "am_\x{43f}",
        'am_ role', 'am_0' ] ],
    [ facebook => [ 'role', 'um_role', 'am_age_range' ],
      [ 'am_role', 'am_bio', 'am_plan', 'am_public_repos' ] ],
    [ github => [ 'role', 'am_plan', 'am_public_repos', 'um_plan' ],
      [ 'am_role', 'am_age_range' ] ],
) {
    my ($provider, $legal, $aliases) = @$row;

    for my $name (@$legal) {
        is(v1($id{$provider}, $json->encode({ $name => 1 }))->status, 200,
           "H5.7 $provider: " . $json->encode($name));
    }

    for my $name (@$aliases) {
        my $r = v1($id{$provider}, $json->encode({ $name => 1 }));

        is($r->status, 400, "H5.7 $provider: " . $json->encode($name));
        like($r->body, qr/under its v2 name/, 'H5.7 the answer');
    }
}

for my $row ([ '/v1/auth0%7C1', 'a_x', 400 ], [ '/v1/auth0%7C1', 'a_d', 400 ],
             [ '/v1/auth0%7C1', 'a', 204 ], [ '/v1/auth0%7C1', '_d', 400 ],
             [ '/unknown', 'am_role', 400 ], [ '/unknown', 'am_plan', 400 ],
             [ '/unknown', 'am_age_range', 400 ], [ '/unknown', 'um_a', 204 ],
             [ '/unknown', 'am_picture', 204 ], [ '/unknown', 'plan', 204 ])
{
    my ($uri, $name, $status) = @$row;

    is($t->request('PATCH', $uri, @json, ':port' => $t->port(1),
                   ':body' => qq({"$name":1}))->status, $status,
       "H5.7 $uri: $name");
}


# A path that says in no certain way whose metadata it is pins nothing either.

for my $path ('metadata/', 'METADATA', 'metadata;a=1', './metadata',
              '/metadata', 'metadata%2F')
{
    my $uri = "/api/users/$id{auth0}/$path";
    my $r = $t->request('PATCH', $uri, @json, ':body' => '{"am_plan":"pin"}');

    is($r->status, 400, "H5.7 $path: am_plan");
    like($r->body, qr/under its v2 name/, "H5.7 $path: the answer");
}


# The limit of U3.3 that nothing guards: what v1 creates.  Neither a clear nor a
# null takes it away, since a null with the prefix hides as well (M3.6); a bag
# that is replaced does.

my $made = $t->request('POST', '/api/users', @json, ':body' => $json->encode({
    connection => 'Username-Password-Authentication', email => 'pin@x.org',
    password => 'Secret123!', am_role => 'admin' }));
my $made_id = $json->decode($made->body)->{user_id} =~ s/\|/%7C/r;

for my $row ([ '{"app_metadata":{"role":"user"}}', 'admin' ],
             [ '{"app_metadata":{}}', undef ],
             [ '{"app_metadata":{"role":"user"}}', undef ])
{
    my ($body, $role) = @$row;

    is($json->decode(v2($made_id, $body)->body)->{app_metadata}{role}, $role,
       "U3.3 a user made by v1: $body");
}

is($t->request('PUT', "/api/users/$made_id/metadata", @json,
               ':body' => '{"role":"user"}')->status, 200, 'U3.3 replaced');
is($json->decode(v2($made_id, '{"app_metadata":{"role":"owner"}}')->body)
   ->{app_metadata}{role}, 'owner', 'U3.3 what v2 writes then');


# Random writes

my @names = ('role', 'plan', 'bio', 'picture', 'Picture', 'public_repos',
             'theme', 'um_theme', 'am_role', 'am_plan', 'am_bio', 'um_role',
             'um_plan', 'am_picture', 'am_am_role', 'um_am_role', 'am_um_role',
             'am_Picture', 'um_picture', 'role_x');
my $seed = 20_261_128;
my $value = 0;
my (%ended, %wrong);

srand $seed;

sub pick { return $_[rand @_] }

sub member { return (pick(@names), rand() < .2 ? undef : ++$value) }

# The member that a client of v2 sees of a name of v1.

sub seen {
    my ($name) = @_;

    return $name =~ /\A([au])m_(.+)/s
           ? ($1 eq 'a' ? 'app_metadata' : 'user_metadata', $2)
           : ('app_metadata', $name);
}

sub store {
    my ($model, $container, $name, $new) = @_;

    if (defined $new) {
        $model->{$container}{$name} = $new;

    } else {
        delete $model->{$container}{$name};
    }
}

for my $provider (sort keys %id) {
    next if $provider !~ /\A(?:auth0|facebook|github)\z/;

    my $id = $id{$provider};
    my %model = (app_metadata => {}, user_metadata => {});
    my @done;

    v2($id, '{"app_metadata":{},"user_metadata":{}}');

    for my $step (1 .. 150) {
        my ($what, $body, $r, @changes);
        my $how = rand;

        if ($how < .5) {
            my %members = map { member() } 1 .. pick(1, 1, 2, 3);

            @changes = map { [ seen($_), $members{$_} ] } keys %members;
            $what = 'v1';
            $body = $json->encode(\%members);
            $r = v1($id, $body);

        } elsif ($how < .95) {
            my %members;

            for (1 .. pick(1, 1, 2, 3)) {
                my ($name, $new) = member();
                $members{pick('app_metadata', 'user_metadata')}{$name} = $new;
            }

            for my $container (keys %members) {
                push @changes, [ $container, $_, $members{$container}{$_} ]
                    for keys %{ $members{$container} };
            }

            $what = 'v2';
            $body = $json->encode(\%members);
            $r = v2($id, $body);

        } else {
            my $container = pick('app_metadata', 'user_metadata');

            @changes = map { [ $container, $_, undef ] }
                       keys %{ $model{$container} };
            $what = 'clear';
            $body = $json->encode({ $container => {} });
            $r = v2($id, $body);
        }

        $ended{"$what " . $r->status}++;
        push @done, "$what $body: " . $r->status;

        if ($r->status == 200) {
            store(\%model, @$_) for @changes;
        }

        my $user = $json->decode($t->get("/api/v2/users/$id")->body);
        my %is = map { $_ => $user->{$_} } keys %model;

        if ($json->encode(\%is) ne $json->encode(\%model)) {
            $wrong{$provider} = join "\n", @done, $json->encode(\%is), 'is not',
                                     $json->encode(\%model);
            last;
        }
    }
}

is_deeply(\%wrong, {}, "U3.3 the last write, seed $seed");
is(join(' ', sort keys %ended), 'clear 200 v1 200 v1 400 v2 200',
   'U3.3 all kinds of writes, and no other end');

done_testing;
