module customers

go 1.19
