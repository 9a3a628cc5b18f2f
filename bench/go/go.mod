module jenny/bench

go 1.23
