module github.com/sonde-net/sonde

go 1.26
