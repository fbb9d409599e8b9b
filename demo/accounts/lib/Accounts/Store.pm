package Accounts::Store;

# The accounts: what the system and the provider say (record), and two objects
# of metadata, those of the user (preferences) and of applications (settings).
# All are JSON text; "document", made at each write, is what is shown.

use strict;
use warnings;

use parent 'Legacy::Database';

use Legacy::Database qw(fold hash now);
use Legacy::Json qw(members merge object text string);

use constant layout => 'accounts 1';

# Ids go up from here; a few that other systems have given are larger.

use constant FIRST_ID => 10001;

my @SCHEMA = (
    'CREATE TABLE accounts (
        place INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        provider TEXT,
        email TEXT,
        password TEXT,
        record TEXT NOT NULL,
        preferences TEXT NOT NULL,
        settings TEXT NOT NULL,
        document TEXT NOT NULL,
        UNIQUE (provider, email)
    )',
);

# What a list can be asked for.

my %FILTER = map { $_ => "$_ = ?" } qw(id email provider);

sub schema { return @SCHEMA }

# A user of the seed has an id of his own, or the next one.

sub add_seeded {
    my ($self, $record, $metadata) = @_;

    my %bag = map { $_->[0] => members($_->[2]) } @{members($metadata)};

    $self->insert(members($record), @bag{qw(preferences settings)}, undef);
}

sub insert {
    my ($self, $record, $preferences, $settings, $password) = @_;

    my %value = map { $_->[0] => $_->[2] } @$record;

    if (!defined $value{id}) {
        $value{id} = $self->_next_id;
        unshift @$record, _member('id', $value{id});
    }

    my $email = text($value{email});

    $self->{db}->do('INSERT INTO accounts (id, provider, email, password,
        record, preferences, settings, document)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)', undef, $value{id},
        scalar text($value{provider}), defined $email ? fold($email) : undef,
        defined $password ? hash($password) : undef,
        map({ object($_) } $record, $preferences, $settings),
        _document($record, $preferences, $settings));

    return $value{id};
}

sub account {
    my ($self, $id) = @_;

    return $self->{db}->selectrow_hashref(
        'SELECT * FROM accounts WHERE id = ?', undef, $id);
}

# The id of the account of a provider that has an e-mail address.

sub taken {
    my ($self, $provider, $email) = @_;

    return scalar $self->{db}->selectrow_array('SELECT id FROM accounts
        WHERE provider IS ? AND email = ?', undef, $provider, fold($email));
}

# The documents that a filter leaves, and how many they are.

sub list {
    my ($self, $filter, $limit, $offset) = @_;

    my @names = sort grep { $FILTER{$_} } keys %$filter;
    my $where = join ' AND ', '1', @FILTER{@names};
    my @values = map { $_ eq 'email' ? fold($filter->{$_}) : $filter->{$_} }
        @names;

    my ($total) = $self->{db}->selectrow_array(
        "SELECT count(*) FROM accounts WHERE $where", undef, @values);

    return ($self->{db}->selectcol_arrayref("SELECT document FROM accounts
        WHERE $where ORDER BY place LIMIT ? OFFSET ?", undef, @values, $limit,
        $offset), $total);
}

# Changes of the record, and of the two objects.

sub update {
    my ($self, $account, $changes, $preferences, $settings, $password) = @_;

    my $record = merge(members($account->{record}),
        [@$changes, _member('updated_at', string(now()))]);
    my @bags = ($self->changed($account->{preferences}, $preferences),
                $self->changed($account->{settings}, $settings));
    my %value = map { $_->[0] => $_->[2] } @$record;
    my $email = text($value{email});

    $self->{db}->do('UPDATE accounts SET email = ?, password = ?, record = ?,
        preferences = ?, settings = ?, document = ? WHERE id = ?', undef,
        defined $email ? fold($email) : undef,
        defined $password ? hash($password) : $account->{password},
        map({ object($_) } $record, @bags), _document($record, @bags),
        $account->{id});
}

# An object with changes in it: a null takes a member away.

sub changed {
    my ($self, $object, $changes) = @_;

    my %gone = map { $_->[0] => 1 } grep { $_->[2] eq 'null' } @$changes;

    return [grep { !$gone{$_->[0]} } @{merge(members($object), $changes)}];
}

sub remove {
    my ($self, $id) = @_;

    return 0 < $self->{db}->do('DELETE FROM accounts WHERE id = ?', undef,
        $id);
}

sub _next_id {
    my ($self) = @_;

    return FIRST_ID + $self->{db}->selectrow_array(
        'SELECT coalesce(max(place), 0) FROM accounts');
}

sub _member {
    my ($name, $value) = @_;

    return [$name, qq{"$name"}, $value];
}

sub _document {
    my ($record, $preferences, $settings) = @_;

    return object([@$record, _member('preferences', object($preferences)),
                   _member('settings', object($settings))]);
}

1;
