#!/usr/bin/perl

# A legacy backend of another house: accounts with numbers for ids, as a Rails
# application has them, on a SQLite file.  See README.md.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../legacy/lib";

use Legacy::Server;

use Accounts::App;
use Accounts::Store;
use Legacy::Seed;

# Templates, as often as there would be accounts of them.

my @ROUND = qw(email github google_oauth2 email facebook saml email github);

Legacy::Server::run(
    app => 'Accounts::App',
    store => 'Accounts::Store',
    users => sub { Legacy::Seed::users("$FindBin::Bin/seed", $_[0], @ROUND) },
);
