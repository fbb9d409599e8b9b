#!/usr/bin/perl

# Proves that the gateway serves v2 in front of a directory, demo/directory:
# attributes with arrays of values, the provider in a list of identities, lists
# by the number of the first user, a count that is a call of its own.  It fails
# when a user is not the v2 one, when a list or a search misses somebody, when a
# write is not what is read afterwards or is kept as another value, and when
# what a provider has sent can be written.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Gateway;

my $t = gateway('directory');
my $users = '/api/v2/users';
my ($mona, $kofi, $sam, $none, $eve, $jose, $odd, $greta, $ken, $ana)
    = map { sprintf '6c1f0a7b-e2d9-4c0f-8b7d-%012d', $_ } 1 .. 10;
my $r;

# one user

$r = get("/$kofi");
is($r->status, 200, 'U1 read: status');
is($r->body, qq({"user_id":"$kofi","createdTimestamp":1390494033119,)
   . '"username":"kofi","enabled":true,"email_verified":true,'
   . '"given_name":"Kofi","family_name":"Mensah","email":"kofi@example.com",'
   . '"identities":[{"identityProvider":"github","userId":"4410",'
   . '"userName":"kofi"}],"picture":"https://avatars.example.com/u/4410?v=3",'
   . '"app_metadata":{"plan":"full"},"user_metadata":{"company":"Kolam Labs",'
   . '"theme":"dark"}}', 'M7 read: the v2 user, without the token');
is_deeply(asked(), [ "GET $users/$kofi" =~ s{/api/v2}{/admin}r ],
          'U1 read: the call');

for my $case (
    [ $mona, 'M7.8 arrays of one and of more', {
        app_metadata => { plan => 'full', seats => '3', crmId => '1207' },
        user_metadata => { color => 'teal', locale => 'de',
                           topics => [ 'food', 'rail' ] } } ],
    [ $odd, 'M7.8 no value, an empty one, and large numbers', {
        app_metadata => { none => [],
                          big => '123456789012345678901234567890' },
        user_metadata => { none => [], empty => '', two => [ 'a', 'a' ],
                           big => '9007199254740993',
                           json => '{"a":[1]}' } } ],
    [ $none, 'M7.7 no attributes', {
        identities => undef, picture => undef, given_name => undef,
        app_metadata => {}, user_metadata => {} } ],
    [ $sam, 'M7.5 a token of any identity', {
        identities => [ { identityProvider => 'google',
                          userId => '103547991500000000002',
                          userName => 'sam.two@example.com' },
                        { identityProvider => 'github', userId => '80000152',
                          userName => 'samtwo' } ] } ],
    [ $eve, 'M7.4 a provider that nobody knows', {
        user_metadata => { topFriends => [ 'tom', 'ana' ] } } ],
    [ $ken, 'M7.6 what the directory below sends is lifted', {
        LDAP_ID => '0f1e', department => 'R&D', enabled => JSON::PP::false,
        LDAP_ENTRY_DN => 'uid=ken,ou=People,dc=contoso,dc=example',
        user_metadata => {} } ],
    [ $jose, 'M7.4 the provider of the identity', {
        department => "F\xedsica", user_metadata => { "h\xf6he" => '2 m',
        "\x{7f8e}\x{54b2}" => "\x{1f680}" },
        app_metadata => { "stra\xdfe" => "Zeile 1\nZeile 2" } } ],
    [ $greta, 'M7.7 metadata may be called like anything else', {
        user_id => $greta, email => 'greta@example.net', identities => [],
        picture => '/avatars/greta.png',
        app_metadata => { identities => 'none', LDAP_ID => 'z' },
        user_metadata => { email => 'private@example.net', id => '7',
                           user_id => 'x', attributes => 'y',
                           'a.b' => 'dot' } } ],
    [ $ana, 'M2.9 what is not known is no metadata', {
        serviceAccountClientId => 'billing', app_metadata => {},
        user_metadata => { tier => 'gold' } } ],
) {
    my ($id, $name, $wanted) = @$case;
    my $user = data(get("/$id"));

    is_deeply({ map { $_ => $user->{$_} } keys %$wanted }, $wanted, $name);
    is_deeply([ grep { exists $user->{$_} } qw(id access attributes totp
                adminAttributes firstName emailVerified avatarUrl) ], [],
              "M7 $id: nothing of v1");
}

$r = get('/nobody');
is($r->status, 404, 'U6.3 nobody: status');
is(data($r)->{errorCode}, 'inexistent_user', 'U6.3 nobody: errorCode');

# lists

sub names {
    my ($list) = @_;

    $list = $list->{users} if ref $list eq 'HASH';

    return join ' ', map { $_->{username} } @$list;
}

my @all = map { @{ data(get("?per_page=100&page=$_&fields=username")) } } 0, 1;

is(scalar @all, 200, 'U5 every user');
asked();

for my $case (
    [ '?per_page=3', names([ @all[0 .. 2] ]), 'first=0&max=3' ],
    [ '?per_page=3&page=2', names([ @all[6 .. 8] ]), 'first=6&max=3' ],
    [ '', names([ @all[0 .. 49] ]), 'first=0&max=50' ],
    [ '?per_page=100&page=2', '', 'first=200&max=100' ],
    [ '?per_page=0', '', 'first=0&max=1' ],
    [ '?connection=myspace', 'eve', 'first=0&max=50&idpAlias=myspace' ],
) {
    my ($query, $names, $asked) = @$case;

    is(names(data(get($query))), $names, "U5 list: $query");
    is_deeply(asked(), [ "GET /admin/users?$asked" ], "U5.8 asked: $query");
}

for my $case (
    [ '?per_page=3&page=2', [ 6, 3, 3, 200 ] ],
    [ '?page=4', [ 200, 50, 0, 200 ] ],
    [ '?per_page=0', [ 0, 0, 0, 200 ] ],
    [ '?connection=myspace', [ 0, 50, 1, 1 ] ],
    [ '?q=enabled:false', [ 0, 50, 1, 1 ] ],
) {
    my ($query, $numbers) = @$case;
    my $list = data(get("$query&include_totals=true"));

    is_deeply([ @$list{qw(start limit length total)} ], $numbers,
              "U10.4 totals: $query");
}

for my $page (0, 1) {
    my ($found) = get("?per_page=100&page=$page")->body
        =~ /(TOKEN|GH-|ya29|"token")/;

    is($found, undef, "M7.5 no secret in list $page");
}

# Every user, against what the schema says in other words.

sub single {
    my ($values) = @_;

    return @$values == 1 ? $values->[0] : $values;
}

sub expected {
    my ($v1) = @_;

    my %user = %$v1;
    my %names = (id => 'user_id', firstName => 'given_name',
                 lastName => 'family_name', emailVerified => 'email_verified',
                 federatedIdentities => 'identities', avatarUrl => 'picture');
    my %sends = (ldap => 'LDAP_ID|LDAP_ENTRY_DN|modifyTimestamp|department',
                 'campus-saml' => 'department');
    my $from = $user{federatedIdentities} && @{ $user{federatedIdentities} }
        ? $user{federatedIdentities}[0]{identityProvider} : '';
    my $sent = join '|', 'avatarUrl', $sends{$from} // ();
    my %app = map { $_ => single($user{adminAttributes}{$_}) }
                  keys %{ $user{adminAttributes} // {} };
    my %own;

    for my $name (keys %{ $user{attributes} // {} }) {
        my $value = single($user{attributes}{$name});

        if ($name =~ /\A(?:$sent)\z/) {
            $user{$name} = $value;

        } else {
            $own{$name} = $value;
        }
    }

    delete @user{qw(attributes adminAttributes totp access requiredActions
                    disableableCredentialTypes notBefore)};
    delete @$_{token} for @{ $user{federatedIdentities} // [] };

    return { app_metadata => \%app, user_metadata => \%own,
             map { $names{$_} // $_ => $user{$_} } keys %user };
}

my @v1 = @{ data($t->get('/admin/users?max=200')) };
my @v2 = map { @{ data(get("?per_page=100&page=$_")) } } 0, 1;

is_deeply(\@v2, [ map { expected($_) } @v1 ], 'M7 every user');


# searches and orders

asked();

my @walk = map { "first=$_&max=100" } 0, 100, 200;

for my $case (
    [ '?q=email:ana@example.com', 'ana',
      'first=0&max=100&exact=true&email=ana%40example.com' ],
    [ '?q=user_metadata.topics:rail', 'mona', @walk ],
    [ '?q=app_metadata.big:123456789012345678901234567890', 'attributes',
      @walk ],
    [ '?q=identities.identityProvider:myspace', 'eve', @walk ],
    [ '?q=department:%22R%26D%22%20AND%20enabled:false', 'ken', @walk ],
    [ '?sort=username:-1&connection=myspace', 'eve',
      'first=0&max=100&idpAlias=myspace' ],
    [ '?sort=username:-1&connection=email', '',
      'first=0&max=100&idpAlias=email' ],
    [ '?q=enabled:true&connection=user_id', '',
      'first=0&max=100&idpAlias=user_id' ],
) {
    my ($query, $names, @asked) = @$case;

    is(names(data(get($query))), $names, "U10 search: $query");
    is_deeply(asked(), [ map { "GET /admin/users?$_" } @asked ],
              "U10 asked: $query");
}

is(names(data(get("?q=user_id:$ken"))), 'ken', 'U10.3 by id');
is_deeply(asked(), [ "GET /admin/users/$ken" ], 'U10.3 by id: one call');
is(get('?q=user_id:nobody')->body, '[]', 'U10.3 by the id of nobody');

my @sorted = map { $_->{email} // '' }
             @{ data(get('?sort=email:-1&per_page=100&fields=email')) };

is_deeply(\@sorted, [ reverse sort @sorted ], 'U10 order');
is($t->get('/api/v2/users-by-email?email=ana@example.com&fields=username')
   ->body, '[{"username":"ana"}]', 'U10.5 by e-mail');

# changes

my $call = "/admin/users/$mona";

asked();

$r = send_json('PATCH', "/$mona", '{"user_metadata":{"hue":"r\u0065d",'
               . '"color":null,"two":["a","b"],"email":"x"},'
               . '"app_metadata":{"plan":"half","LDAP_ID":"y"}}');
is($r->status, 200, 'U3.10 metadata: status');
is_deeply(asked(), [
    qq(POST $call/attributes {"adminAttributes":{"plan":["half"],)
    . '"LDAP_ID":["y"]},"attributes":{"hue":["r\u0065d"],"color":null,'
    . '"two":["a","b"],"email":["x"]}}', "GET $call" ],
    'U3.10 metadata: arrays go up');
is_deeply([ @{ data($r) }{qw(app_metadata user_metadata)} ],
          [ { plan => 'half', seats => '3', crmId => '1207',
              LDAP_ID => 'y' },
            { locale => 'de', topics => [ 'food', 'rail' ], hue => 'red',
              two => [ 'a', 'b' ], email => 'x' } ],
          'U3.9 metadata: merged');

$r = send_json('PATCH', "/$mona", '{"user_metadata":{"one":["x"],"tone":"y",'
               . '"two":[],"never":[]}}');
is_deeply(asked(), [
    qq(POST $call/attributes {"attributes":{"one":["x"],"tone":["y"],)
    . '"two":[],"never":[]}}', "GET $call" ],
    'U3.10 arrays of one and of none go up as they are');
is_deeply(data(get("/$mona"))->{user_metadata},
          { locale => 'de', topics => [ 'food', 'rail' ], hue => 'red',
            tone => 'y', one => 'x', email => 'x' },
          'U3.10 read back: one of an array alone, and nothing of none');

asked();
send_json('PATCH', "/$mona", '{"app_metadata":null}');
is_deeply(asked(), [ "GET $call/attributes",
    qq(POST $call/attributes {"adminAttributes":{"plan":null,"seats":null,)
    . '"crmId":null,"LDAP_ID":null}}', "GET $call" ],
    'U3.5 a container is cleared, and no other');
is_deeply(data(get("/$mona"))->{app_metadata}, {}, 'U3.5 cleared');
is(data(get("/$mona"))->{user_metadata}{hue}, 'red',
   'U3.5 the other one is not');

asked();

for my $case (
    [ '{"user_metadata":{"n":1}}', 'user_metadata.n' ],
    [ '{"user_metadata":{"n":true}}', 'user_metadata.n' ],
    [ '{"user_metadata":{"n":{"a":"b"}}}', 'user_metadata.n' ],
    [ '{"user_metadata":{"ok":"x"},"app_metadata":{"n":[1]}}',
      'app_metadata.n' ],
    [ '{"user_metadata":{"department":"x"}}', 'user_metadata.department' ],
    [ '{"user_metadata":{"avatarUrl":"x"}}', 'user_metadata.avatarUrl' ],
) {
    my ($body, $name) = @$case;

    $r = send_json('PATCH', "/$mona", $body);
    is($r->status, 400, "U3.10 refused: $body");
    is(data($r)->{errorCode}, 'invalid_body', "U3.10 errorCode: $body");
    like(data($r)->{message}, qr/\b\Q$name\E\b/, "U3.10 named: $body");
}

is_deeply(asked(), [], 'U3.10 nothing is written');

$r = send_json('PATCH', "/$mona", '{"given_name":"M","username":"mo",'
               . '"email":"mo@example.com","email_verified":false}');
is_deeply(asked(), [
    qq(PUT $call {"email":"mo\@example.com"}),
    qq(PUT $call {"firstName":"M","username":"mo","emailVerified":false}),
    "GET $call" ], 'U4.8 attributes go up under the names of v1');
is_deeply([ @{ data($r) }{qw(given_name username email email_verified)} ],
          [ 'M', 'mo', 'mo@example.com', JSON::PP::false ],
          'U4 attributes are changed');
is(send_json('PATCH', "/$mona", '{"password":"correct horse"}')->status, 200,
   'U4.1 password');

$r = send_json('PATCH', "/$mona", '{"email":"ANA@example.com",'
               . '"user_metadata":{"never":"1"}}');
is_deeply([ $r->status, data($r)->{errorCode} ], [ 409, 'auth0_idp_error' ],
          'U6 an address that is taken');
ok(!exists data(get("/$mona"))->{user_metadata}{never},
   'U4.2 nothing that follows is written');

# what may not be written

asked();

for my $name (qw(id user_id identities federatedIdentities createdTimestamp
                 enabled LDAP_ID department picture attributes access firstName
                 adminAttributes made_up))
{
    $r = send_json('PATCH', "/$kofi", qq({"$name":"x"}));
    is($r->status, 400, "H5.16 $name: status");
    is(data($r)->{errorCode}, 'operation_not_supported',
       "H5.16 $name: errorCode");
}

is_deeply([ grep { !/\AGET / } @{ asked() } ], [], 'H5 nothing is written');
is(send_json('PATCH', "/$kofi", '{"enabled":true,"identities":'
             . '[{"identityProvider":"github","userId":"4410",'
             . '"userName":"kofi"}]}')->status, 200,
   'U4.7 what is so already');

# create and delete

asked();
$r = send_json('POST', '', '{"connection":"local","email":"New@example.com",'
               . '"password":"correct horse","given_name":"N",'
               . '"user_metadata":{"enabled":"x"},'
               . '"app_metadata":{"b":["c","d"]}}');
is($r->status, 201, 'U1 create: status');
is($r->header('Location'), undef, 'U6.1 no place of v1');

my $new = data($r);

is_deeply([ @$new{qw(username email given_name enabled user_metadata
                     app_metadata)} ],
          [ 'New@example.com', 'New@example.com', 'N', JSON::PP::true,
            { enabled => 'x' }, { b => [ 'c', 'd' ] } ],
          'U1 create: the user, not switched off');
is_deeply(asked(), [ 'POST /admin/users {"enabled":true,'
    . '"email":"New@example.com","password":"correct horse","firstName":"N",'
    . '"origin":"local","adminAttributes":{"b":["c","d"]},'
    . '"attributes":{"enabled":["x"]}}' ], 'U4.8 create: the call');
is_deeply(data(get("/$new->{user_id}")), $new, 'U1 create: stored');

$r = send_json('POST', '', '{"email":"new@example.com","password":"x"}');
is_deeply([ $r->status, data($r)->{errorCode} ], [ 409, 'auth0_idp_error' ],
          'U6 create: an address that is taken');

is($t->request('DELETE', "$users/$new->{user_id}")->status, 204, 'U1 delete');
is(get("/$new->{user_id}")->status, 404, 'U1 delete: gone');
is($t->request('DELETE', "$users/$new->{user_id}")->status, 204,
   'U6.3 delete: nobody');

# the backend as it was

like($t->get("/admin/users/$kofi")->body, qr/"token"/,
     'the paths of v1 are as they were');
is($t->request('POST', "$call/attributes", ':body' => '{"attributes":'
               . '{"free":["x"]}}', 'Content-Type' => 'application/json')
   ->status, 204, 'and its clients write');

clients();

done_testing;
