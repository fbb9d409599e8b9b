package Directory::App;

# The API of the directory: bare arrays by "first" and "max", a count that is a
# number, writes that answer nothing, and attributes whose values are arrays of
# strings, as Keycloak's API for administrators has them.

use strict;
use warnings;

use Mojo::Base 'Legacy::Web';

use Time::HiRes qw(time);

use Legacy::Json qw(element_texts members object string text);
use Legacy::Token;
use Legacy::Url qw(arguments);

use constant MOST => 100;

my @PATHS = map { [$_->[0], qr{\A/admin/users$_->[1]\z}, $_->[2]] } (
    [GET => '', \&_list],
    [POST => '', \&_create],
    [GET => '/count', \&_count],
    [GET => '/([^/]+)', \&_read],
    [PUT => '/([^/]+)', \&_update],
    [DELETE => '/([^/]+)', \&_delete],
    [GET => '/([^/]+)/attributes', \&_read_attributes],
    [PUT => '/([^/]+)/attributes', \&_replace_attributes],
    [POST => '/([^/]+)/attributes', \&_merge_attributes],
    [GET => '/([^/]+)/federated-identity', \&_read_identities],
    [PUT => '/([^/]+)/reset-password', \&_reset_password],
);

my %REASON = (
    404 => 'Not Found', 405 => 'Method Not Allowed',
    415 => 'Unsupported Media Type'
);

# The members of a user that a client may write, and their JSON types; those
# that only the directory itself writes are passed over, any other is a mistake.

my %WRITABLE = (
    username => 'string', email => 'string', firstName => 'string',
    lastName => 'string', enabled => 'boolean', emailVerified => 'boolean',
);

my %KEPT = map { $_ => 1 } qw(id origin createdTimestamp totp access
                              federatedIdentities requiredActions notBefore
                              disableableCredentialTypes);

my %MAP = (attributes => 'attributes', adminAttributes => 'admin_attributes');

sub paths { return @PATHS }

# What is read must not be kept, and has no tag.

sub has_tags { return 0 }

# A path that has other methods says so.

sub unknown {
    my ($self, $method, $path) = @_;

    return _http_error((grep { $path =~ $_->[1] } @PATHS) ? 405 : 404);
}

sub failed {
    my ($self, $status, $message) = @_;

    return _http_error($status) if $REASON{$status};
    return _error($status, 'unknown_error') if $status == 500;
    return _message($status, $message);
}

sub _list {
    my ($self, $request, $query) = @_;

    my $arguments = arguments($query);
    my $documents = $self->store->list($arguments,
        $self->natural($arguments->{max}, MOST),
        $self->natural($arguments->{first}, 0));

    return _json('[' . join(',', @$documents) . ']');
}

sub _count {
    my ($self, $request, $query) = @_;

    return _json($self->store->count(arguments($query)));
}

sub _read {
    my ($self, $request, $query, $id) = @_;

    return _json($self->_user($id)->{document});
}

sub _read_attributes {
    my ($self, $request, $query, $id) = @_;

    my $user = $self->_user($id);

    return _json(sprintf '{"attributes":%s,"adminAttributes":%s}',
        @$user{qw(attributes admin_attributes)});
}

sub _read_identities {
    my ($self, $request, $query, $id) = @_;

    my %value = map { $_->[0] => $_->[2] }
        @{members($self->_user($id)->{record})};

    return _json($value{federatedIdentities} // '[]');
}

# The user himself is answered to who asks for it by "Prefer" (RFC 7240).

sub _create {
    my ($self, $request) = @_;

    my ($changes, $maps, $password) = $self->_representation($request);
    my %value = map { $_->[0] => $_->[2] } @$changes;

    $value{username} //= $value{email}
        // die _message(400, 'User name is missing');

    $self->_free($_, $value{$_}) for grep { defined $value{$_} }
        qw(username email);

    my $id = _new_id();

    $self->store->insert(members(_new_record($id, \%value)),
        map({ $self->store->changed('{}', $maps->{$_} // []) }
            qw(attributes adminAttributes)), $password);

    my @location = (Location => $self->url_base($request)
                                . "/admin/users/$id");

    return [201, undef, '', @location]
        if ($request->headers->header('Prefer') // '')
           !~ /(?:\A|[,\s])return=representation(?:[,;\s]|\z)/;

    return [201, 'application/json', $self->_user($id)->{document}, @location];
}

sub _update {
    my ($self, $request, $query, $id) = @_;

    my $user = $self->_user($id);
    my ($changes, $maps, $password) = $self->_representation($request);
    my %value = map { $_->[0] => $_->[2] } @$changes;

    $self->_free($_, $value{$_}, $id) for grep { defined $value{$_} }
        qw(username email);

    # another address is one that nobody has verified

    push @$changes, ['emailVerified', '"emailVerified"', 'false']
        if defined $value{email} && !defined $value{emailVerified}
           && text($value{email}) ne ($user->{email} // '');

    $self->store->update($user, $changes,
        map({ $maps->{$_} && $self->store->changed('{}', $maps->{$_}) }
            qw(attributes adminAttributes)), $password);

    return [204, undef, ''];
}

sub _replace_attributes {
    my ($self, $request, $query, $id) = @_;

    my $user = $self->_user($id);
    my $maps = $self->_attributes($request);

    $self->store->update($user, [],
        map { $maps->{$_} && $self->store->changed('{}', $maps->{$_}) }
            qw(attributes adminAttributes));

    return [204, undef, ''];
}

sub _merge_attributes {
    my ($self, $request, $query, $id) = @_;

    my $user = $self->_user($id);
    my $maps = $self->_attributes($request);

    $self->store->update($user, [], map {
        $maps->{$_} && $self->store->changed($user->{$MAP{$_}}, $maps->{$_})
    } qw(attributes adminAttributes));

    return [204, undef, ''];
}

sub _reset_password {
    my ($self, $request, $query, $id) = @_;

    my $user = $self->_user($id);
    my %value = map { $_->[0] => $_->[2] } @{$self->body_members($request)};

    die _message(400, 'No password provided')
        if (text($value{type}) // 'password') ne 'password'
           || !length(text($value{value}) // '');

    $self->store->update($user, [], undef, undef, text($value{value}));

    return [204, undef, ''];
}

sub _delete {
    my ($self, $request, $query, $id) = @_;

    $self->store->remove($id) or die _no_user();

    return [204, undef, ''];
}

# What the body says of a user: members of the record, the maps, a password.

sub _representation {
    my ($self, $request) = @_;

    my (@changes, %maps, $password);

    for my $member (@{$self->body_members($request)}) {
        my ($name, undef, $value) = @$member;

        if ($MAP{$name}) {
            $maps{$name} = _map($name, $value);

        } elsif ($name eq 'password') {
            $password = text($value);
            die _message(400, 'Password policy not met')
                if !length($password // '');

        } elsif ($WRITABLE{$name}) {
            die _message(400, qq{Cannot parse the value of "$name"})
                if !_is($WRITABLE{$name}, $value);
            push @changes, $member;

        } elsif (!$KEPT{$name}) {
            die _message(400, qq{Unrecognized field "$name"});
        }
    }

    return (\@changes, \%maps, $password);
}

sub _attributes {
    my ($self, $request) = @_;

    my %maps;

    for my $member (@{$self->body_members($request)}) {
        die _message(400, qq{Unrecognized field "$member->[0]"})
            if !$MAP{$member->[0]};
        $maps{$member->[0]} = _map(@$member[0, 2]);
    }

    return \%maps;
}

# The members of a map, with the values of each behind them.

sub _map {
    my ($name, $json) = @_;

    my $members = $json eq 'null' ? [] : eval { members($json) }
        // die _message(400, qq{Cannot parse the value of "$name"});

    for my $member (@$members) {
        my $values = $member->[2] eq 'null' ? []
            : eval { element_texts($member->[2]) };

        die _message(400, qq{Cannot parse the value of "$member->[0]"})
            if !$values || grep { !defined text($_) } @$values;
        push @$member, $values;
    }

    return $members;
}

sub _is {
    my ($type, $value) = @_;

    return $type eq 'string' ? defined text($value)
                             : $value =~ /\A(?:true|false)\z/;
}

# Nobody else has this user name or e-mail address.

sub _free {
    my ($self, $name, $value, $id) = @_;

    my $other = $self->store->taken($name, text($value));

    die _message(409, 'User exists with same '
                      . ($name eq 'username' ? 'username' : 'email'))
        if defined $other && $other ne ($id // '');
}

sub _new_record {
    my ($id, $value) = @_;

    my @given = map { defined $value->{$_} ? qq("$_":$value->{$_},) : () }
        qw(firstName lastName email);

    return sprintf '{"id":"%s","createdTimestamp":%d,"username":%s,'
        . '"enabled":%s,"totp":false,"emailVerified":%s,%s'
        . '"federatedIdentities":[],"disableableCredentialTypes":[],'
        . '"requiredActions":[],"notBefore":0,"access":{"manage":true}}',
        $id, 1000 * time, $value->{username}, $value->{enabled} // 'false',
        $value->{emailVerified} // 'false', join '', @given;
}

sub _new_id {
    my @parts = unpack 'a8 a4 a3 a3 a12', Legacy::Token::random(15);

    return "$parts[0]-$parts[1]-4$parts[2]-8$parts[3]-$parts[4]";
}

sub _user {
    my ($self, $id) = @_;

    return $self->store->user($id) // die _no_user();
}

sub _json {
    return [200, 'application/json', $_[0], 'Cache-Control' => 'no-cache'];
}

sub _no_user { return _error(404, 'User not found') }

sub _error {
    my ($status, $text) = @_;

    return [$status, 'application/json', '{"error":' . string($text) . '}'];
}

sub _http_error { return _error($_[0], "HTTP $_[0] $REASON{$_[0]}") }

sub _message {
    my ($status, $text) = @_;

    return [$status, 'application/json',
            '{"errorMessage":' . string($text) . '}'];
}

1;
