package Directory::Store;

# The users of the directory: what the system says (record), and two maps of
# attributes, each a name and an array of strings: those that users see, and
# those of administrators.  "document", made at each write, is what is shown.

use strict;
use warnings;

use parent 'Legacy::Database';

use Legacy::Database qw(fold hash);
use Legacy::Json qw(members element_texts merge object text);

use constant layout => 'directory 1';

my @SCHEMA = (
    'CREATE TABLE users (
        place INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        username TEXT NOT NULL UNIQUE,
        email TEXT UNIQUE,
        names TEXT NOT NULL,
        enabled TEXT NOT NULL,
        verified TEXT NOT NULL,
        password TEXT,
        record TEXT NOT NULL,
        attributes TEXT NOT NULL,
        admin_attributes TEXT NOT NULL,
        document TEXT NOT NULL
    )',
);

# What a list can be asked for: a condition, and what the value becomes.

my %FILTER = (
    search => ["instr(names, ?) > 0", \&fold],
    username => ['instr(username, ?) > 0', \&fold],
    email => ["instr(coalesce(email, ''), ?) > 0", \&fold],
    enabled => ['enabled = ?', sub { $_[0] }],
    emailVerified => ['verified = ?', sub { $_[0] }],
    idpAlias => ['has_provider(record, ?)', sub { $_[0] }],
);

# With "exact", the whole of it.

my %EXACT = (
    username => ['username = ?', \&fold],
    email => ['email = ?', \&fold],
);

sub schema { return @SCHEMA }

sub functions { return (has_provider => [2, \&_has_provider]) }

# Attributes of a template and those of a bag are one map.

sub add_seeded {
    my ($self, $record, $metadata) = @_;

    my @record = grep { $_->[0] ne 'attributes' } @{members($record)};
    my ($sent) = map { $_->[2] } grep { $_->[0] eq 'attributes' }
        @{members($record)};
    my %bag = map { $_->[0] => members($_->[2]) } @{members($metadata)};

    $self->insert(\@record, merge(members($sent // '{}'), $bag{attributes}),
                  $bag{adminAttributes}, undef);
}

sub insert {
    my ($self, $record, $attributes, $admin_attributes, $password) = @_;

    my %value = map { $_->[0] => $_->[2] } @$record;

    $self->{db}->do('INSERT INTO users (id, username, email, names, enabled,
        verified, password, record, attributes, admin_attributes, document)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', undef, text($value{id}),
        _columns($record), defined $password ? hash($password) : undef,
        map({ object($_) } $record, $attributes, $admin_attributes),
        _document($record, $attributes, $admin_attributes));
}

sub user {
    my ($self, $id) = @_;

    return $self->{db}->selectrow_hashref('SELECT * FROM users WHERE id = ?',
                                          undef, $id);
}

# The id of the user who has this, in whatever letter case.

sub taken {
    my ($self, $column, $text) = @_;

    return scalar $self->{db}->selectrow_array(
        "SELECT id FROM users WHERE $column = ?", undef, fold($text));
}

sub list {
    my ($self, $filter, $limit, $offset) = @_;

    my ($where, @values) = _where($filter);

    return $self->{db}->selectcol_arrayref("SELECT document FROM users
        WHERE $where ORDER BY username LIMIT ? OFFSET ?", undef, @values,
        $limit, $offset);
}

sub count {
    my ($self, $filter) = @_;

    my ($where, @values) = _where($filter);

    return scalar $self->{db}->selectrow_array(
        "SELECT count(*) FROM users WHERE $where", undef, @values);
}

# Members of the record; the maps are replaced where they are given.

sub update {
    my ($self, $user, $changes, $attributes, $admin_attributes, $password) = @_;

    my $record = merge(members($user->{record}), $changes);
    my @maps = ($attributes // members($user->{attributes}),
                $admin_attributes // members($user->{admin_attributes}));

    $self->{db}->do('UPDATE users SET username = ?, email = ?, names = ?,
        enabled = ?, verified = ?, password = ?, record = ?, attributes = ?,
        admin_attributes = ?, document = ? WHERE id = ?', undef,
        _columns($record),
        defined $password ? hash($password) : $user->{password},
        map({ object($_) } $record, @maps), _document($record, @maps),
        $user->{id});
}

# A map with changes in it: null and no value at all take a name away.

sub changed {
    my ($self, $map, $changes) = @_;

    my %gone = map { $_->[0] => 1 } grep { !@{$_->[3]} } @$changes;

    return [grep { !$gone{$_->[0]} } @{merge(members($map), $changes)}];
}

sub remove {
    my ($self, $id) = @_;

    return 0 < $self->{db}->do('DELETE FROM users WHERE id = ?', undef, $id);
}

sub _where {
    my ($filter) = @_;

    my $exact = ($filter->{exact} // '') eq 'true';
    my ($where, @values) = '1';

    for my $name (sort grep { $FILTER{$_} } keys %$filter) {
        my ($condition, $value) = @{$exact && $EXACT{$name} || $FILTER{$name}};

        $where .= " AND $condition";
        push @values, $value->($filter->{$name});
    }

    return ($where, @values);
}

sub _has_provider {
    my ($record, $alias) = @_;

    my %value = map { $_->[0] => $_->[2] } @{members($record)};

    for my $identity (@{element_texts($value{federatedIdentities} // '[]')}) {
        my %member = map { $_->[0] => $_->[2] } @{members($identity)};

        return 1 if (text($member{identityProvider}) // '') eq $alias;
    }

    return 0;
}

# What of a record is searched: the columns from "username" to "verified".

sub _columns {
    my ($record) = @_;

    my %value = map { $_->[0] => $_->[2] } @$record;
    my ($email, @names) = map { scalar text($value{$_}) }
        qw(email username firstName lastName);

    return (fold($names[0]), defined $email ? fold($email) : undef,
            fold(join "\n", grep { defined } @names, $email),
            $value{enabled}, $value{emailVerified});
}

sub _document {
    my ($record, $attributes, $admin_attributes) = @_;

    my @maps = (['attributes', '"attributes"', object($attributes)],
                ['adminAttributes', '"adminAttributes"',
                 object($admin_attributes)]);

    # those without any are not shown

    return object([@$record, grep { $_->[2] ne '{}' } @maps]);
}

1;
