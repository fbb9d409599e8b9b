#!/usr/bin/perl

# A legacy backend of another house: a directory of users with attributes of
# several values each, as Keycloak has them, on a SQLite file.  See README.md.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../legacy/lib";

use Legacy::Server;

use Directory::App;
use Directory::Store;
use Legacy::Seed;

# Templates, as often as there would be users of them.

my @ROUND = qw(local ldap github local saml google ldap local);

Legacy::Server::run(
    app => 'Directory::App',
    store => 'Directory::Store',
    users => sub { Legacy::Seed::users("$FindBin::Bin/seed", $_[0], @ROUND) },
);
