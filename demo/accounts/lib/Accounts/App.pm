package Accounts::App;

# The API of the accounts: JSON that is wrapped in the name of what it is, pages
# from 1 on, and errors by attribute, as a Rails application answers them.

use strict;
use warnings;

use Mojo::Base 'Legacy::Web';

use Legacy::Database;
use Legacy::Json qw(members string text);
use Legacy::Token;
use Legacy::Url qw(arguments);

use constant {
    PER_PAGE => 25,
    MOST_PER_PAGE => 100,
    PASSWORD_LENGTH => 8,
};

# Paths are compared in their letter case; ".json" is a format.

my @PATHS = map { [$_->[0], qr{\A$_->[1](?:\.json)?/?\z}, $_->[2]] } (
    [GET => '/accounts', \&_list],
    [POST => '/accounts', \&_create],
    [GET => '/accounts/([^/]+?)', \&_read],
    [PATCH => '/accounts/([^/]+?)', \&_update],
    [PUT => '/accounts/([^/]+?)', \&_update],
    [DELETE => '/accounts/([^/]+?)', \&_delete],
    [GET => '/accounts/([^/]+)/metadata', \&_read_metadata],
);

my %REASON = (
    400 => 'Bad Request', 404 => 'Not Found', 413 => 'Payload Too Large',
    415 => 'Unsupported Media Type', 500 => 'Internal Server Error'
);

# What of the record a client may write, and of which JSON type it is; all that
# is not named is passed over without a word.

my %PERMITTED = (
    email => 'string', userName => 'string', display_name => 'string',
    locked => 'boolean', emailVerified => 'boolean',
);

sub paths { return @PATHS }

sub unknown { return _error(404) }

sub failed { return _error($_[1]) }

sub _list {
    my ($self, $request, $query) = @_;

    my $arguments = arguments($query);
    my $page = $self->natural($arguments->{page}, 1) || 1;
    my $per_page = $self->natural($arguments->{per_page}, 0) || PER_PAGE;

    $per_page = MOST_PER_PAGE if $per_page > MOST_PER_PAGE;

    my ($documents, $total) = $self->store->list($arguments, $per_page,
                                                 ($page - 1) * $per_page);

    return _json(200, sprintf '{"accounts":[%s],"meta":{"total":%d,"page":%d,'
        . '"per_page":%d}}', join(',', @$documents), $total, $page, $per_page);
}

sub _read {
    my ($self, $request, $query, $id) = @_;

    return _json(200, _wrapped($self->_account($id)));
}

# Both objects, without the account around them.

sub _read_metadata {
    my ($self, $request, $query, $id) = @_;

    my $account = $self->_account($id);

    return _json(200, sprintf '{"preferences":%s,"settings":%s}',
        @$account{qw(preferences settings)});
}

sub _create {
    my ($self, $request) = @_;

    my ($changes, $bags, $password, %errors) = $self->_params($request);
    my %value = map { $_->[0] => $_->[2] } @$changes;

    $errors{email} //= "can't be blank" if !defined $value{email};
    $errors{password} //= "can't be blank" if !defined $password;
    $errors{email} = 'has already been taken'
        if !$errors{email}
           && defined $self->store->taken('email', text($value{email}));

    return _invalid(%errors) if %errors;

    my $id = $self->store->insert(
        [@{members(_new_record(\%value))},
         grep { $_->[0] ne 'email' } @$changes],
        map({ $self->store->changed('{}', $_) } @$bags), $password);

    return _json(201, _wrapped($self->store->account($id)));
}

sub _update {
    my ($self, $request, $query, $id) = @_;

    my $account = $self->_account($id);
    my ($changes, $bags, $password, %errors) = $self->_params($request);
    my %value = map { $_->[0] => $_->[2] } @$changes;

    if (defined $value{email} && !$errors{email}) {
        my $other = $self->store->taken($account->{provider},
                                        text($value{email}));

        $errors{email} = 'has already been taken'
            if defined $other && $other ne $account->{id};

        push @$changes, ['emailVerified', '"emailVerified"', 'false']
            if !defined $value{emailVerified};
    }

    return _invalid(%errors) if %errors;

    $self->store->update($account, $changes, @$bags, $password);

    return _json(200, _wrapped($self->store->account($id)));
}

sub _delete {
    my ($self, $request, $query, $id) = @_;

    $self->store->remove($id) or die _not_found();

    return [204, undef, ''];
}

# What the body has under "account": members of the record, the members of
# preferences and settings, a password, and what is wrong with them.

sub _params {
    my ($self, $request) = @_;

    my %root = map { $_->[0] => $_->[2] } @{$self->body_members($request)};
    my $params = eval { members($root{account} // '') } // die _error(400);
    my (@changes, $password, %errors);
    my %bag = (preferences => [], settings => []);

    for my $member (@$params) {
        my ($name, undef, $value) = @$member;

        if ($bag{$name}) {
            $bag{$name} = eval { members($value) }
                // do { $errors{$name} = 'is invalid'; [] };

        } elsif ($name eq 'password') {
            $password = text($value);
            $errors{password} = 'is too short (minimum is '
                                . PASSWORD_LENGTH . ' characters)'
                if length($password // '') < PASSWORD_LENGTH;

        } elsif ($PERMITTED{$name}) {
            push @changes, $member;
            $errors{$name} = 'is invalid'
                if !_is($PERMITTED{$name}, $name, $value);
        }
    }

    return (\@changes, [@bag{qw(preferences settings)}], $password, %errors);
}

sub _is {
    my ($type, $name, $value) = @_;

    return $value =~ /\A(?:true|false)\z/ if $type eq 'boolean';
    return defined text($value) if $name ne 'email';
    return (text($value) // '') =~ /\A[^\s@]+@[^\s@]+\z/;
}

sub _new_record {
    my ($value) = @_;

    my $now = string(Legacy::Database::now());

    return sprintf '{"email":%s,"emailVerified":false,"provider":"email",'
        . '"uid":%s,"profile":{"first_name":null,"last_name":null,'
        . '"avatarUrl":null},"locked":false,"sign_in_count":0,'
        . '"lastSignInAt":null,"last_sign_in_ip":null,'
        . '"encrypted_password":"$2a$12$%s","created_at":%s,"updated_at":%s}',
        $value->{email}, $value->{email}, Legacy::Token::random(26), $now,
        $now;
}

sub _account {
    my ($self, $id) = @_;

    return $self->store->account($id) // die _not_found();
}

sub _wrapped {
    my ($account) = @_;

    return qq({"account":$account->{document}});
}

sub _json {
    my ($status, $body) = @_;

    return [$status, 'application/json', $body];
}

sub _not_found { return _json(404, '{"error":"not found"}') }

# What Rails itself answers before the application gets to it, or behind it.

sub _error {
    my ($status) = @_;

    return _json($status, qq({"status":$status,"error":"$REASON{$status}"}));
}

sub _invalid {
    my (%errors) = @_;

    return _json(422, '{"errors":{' . join(',', map {
        sprintf '"%s":["%s"]', $_, $errors{$_}
    } sort keys %errors) . '}}');
}

1;
